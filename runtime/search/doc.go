// Package search finds the tools that a request in plain words is about, in a
// catalog of thousands, without a network or a model.
package search
