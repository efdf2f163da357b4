"use strict";
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  persistAuthorization: true,
  showCommonExtensions: true,
  showExtensions: true,
  validatorUrl: null,
});
