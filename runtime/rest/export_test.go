package rest

// MergeJSON is mergeJSON, for its own tests.
var MergeJSON = mergeJSON
