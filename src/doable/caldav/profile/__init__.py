"""A configuration profile: an iPhone, an iPad or a Mac that opens it has the account, and nobody types anything."""
