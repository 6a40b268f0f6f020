// Package scan goes over JSON (RFC 8259) once: it checks it, tells where its
// parts are, and builds nothing. It is for what passes much JSON on and must
// read little of it, and for what keeps members in the order in which they are
// written.
//
// [Members] and [Elements] are for what is known to be JSON, or may end early
// where it is none; a [Scanner] is for what must be found valid on the way.
package scan
