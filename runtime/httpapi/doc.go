// Package httpapi serves every tool as plain HTTP, for clients that speak no
// MCP: POST /api/tools/{name} calls one, /openapi.json is the OpenAPI document of
// all, and /docs a page to browse and try them.
package httpapi
