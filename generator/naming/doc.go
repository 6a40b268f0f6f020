// Package naming turns the names of documents into Go identifiers, package
// names and file names.
//
// Documents name things in any script and any style. Every name that comes out
// of here is valid Go, exported where it must be, spells initialisms as Go does
// ("id" becomes "ID"), and depends on nothing but the name that went in. Where
// two names meet, a [Scope] tells them apart.
package naming
