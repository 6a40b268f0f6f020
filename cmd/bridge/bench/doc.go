// Package bench measures Bridge from end to end, next to what it is measured by:
// lowering and generation next to kin-openapi's bare load of the same document,
// and a gateway with large adapters compiled in next to one that has none. `make
// bench` runs it. Benchmarks of single parts stand beside the parts; what a call
// costs on its way is measured by the program in callpath.
//
// Real documents are taken from the folder that BRIDGE_CORPUS names, or from
// beside the repository; without them, only documents that are made up are
// measured.
package bench
