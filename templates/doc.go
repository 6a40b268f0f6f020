// Package templates holds what Bridge writes for people: the files of a new
// project ([Project]).
//
// The files stand in the folder project under their own names with ".tmpl"
// added, so that neither Go nor git takes them for files of this module. They
// are Go text templates over the module's path and name.
package templates
