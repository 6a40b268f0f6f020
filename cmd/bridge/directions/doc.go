// Package directions holds the test of the import directions: data below, faces
// above, and each package importing only what its row allows. It has no code of
// its own.
package directions
