"""Links that go by mail: what they are good for, how the letters read, who sends them."""
