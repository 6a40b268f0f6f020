// Package corpus holds the tests of Bridge over whole documents: the project's
// own, and the real ones of a folder where there is one. It has no code of its
// own but the package wire, which tests and compiled adapters share.
//
// For every document, TestCorpus checks that
//
//   - it lowers, and every operation is a tool or has a diagnostic;
//   - every parameter and every field of a body, however deep, is among the
//     tool's arguments or in a diagnostic, which a walk over the raw document
//     finds out that shares no code with the lowering (raw_test.go,
//     reach_test.go);
//   - names are valid and unique, schemas are JSON Schema 2020-12 and have
//     nothing at their root that clients refuse (schema_test.go);
//   - the generated package compiles, passes vet, and loads as the same tools;
//     the compiled and the interpreted tools send the same requests for
//     arguments made from the schemas (program_test.go, arguments_test.go);
//   - a second run gives the same bytes, and an operation takes 40 lines of Go or
//     fewer on average.
//
// TestReachSeesEveryLoss takes one thing at a time from sound tools, so that the
// walk is known to miss it.
//
// What a document has that Bridge does not do is named with its reason in
// testdata/exemptions.yaml. A diagnostic or a loss that no exemption allows
// fails the test, and so does an exemption that nothing needs.
//
// TestWire holds what is sent to what OpenAPI and RFC 6570 say, to the byte, in
// testdata/wire.yaml and wire.txtar.
//
// Real documents are looked for in the folder that BRIDGE_CORPUS names, else in
// ../shared/specs beside the repository. `make corpus` takes all of them and
// prints a table. Without CORPUS=full, as in plain `go test`, documents over
// 1 MB and packages of more than 60 tools are left out, so that the test fits
// into two minutes on two cores; the project's own documents are always in.
package corpus
