// Package storetest is the suite that every store passes.
package storetest
