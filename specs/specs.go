// Package specs holds the example documents, embedded so that the demo runs
// from any folder: crm.yaml (OpenAPI 3.1, the one that the adapter in
// generated/crm is made from) and billing.yaml (3.0.3, served interpreted).
package specs

import "embed"

// FS holds the documents at its root, under their file names.
//
//go:embed *.yaml
var FS embed.FS
