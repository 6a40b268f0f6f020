// Package scan goes over JSON (RFC 8259) once: it checks it, tells where its
// parts are, and builds nothing. It is for what passes many large results on and
// must read little of them.
package scan
