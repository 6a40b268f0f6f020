// Package restout holds the tests of tools as plain HTTP over real documents. It
// has no code of its own.
//
// The tools of a document are served by runtime/httpapi, whose own OpenAPI
// document is lowered again by runtime/openapi: names, hints and input schemas
// must come back as they were, and calls through both must give the same
// results. Real documents are looked for in the folder that BRIDGE_CORPUS names,
// else in ../shared/specs beside the repository; without CORPUS=full those over
// 1 MB are left out.
package restout
