// Package credential is what the gateway presents to upstreams.
//
// A configured value is an expression of runtime/credential/reference: a
// [Resolver] turns it into a [Secret] at each call, so that a rotated file or
// variable takes effect at once. A Secret prints as "[redacted]" in every form
// and gives its text to [Secret.Reveal] only.
//
// A [Provider] holds one source's values and answers, for one operation, which
// credentials to send. It reads the operation's requirements as OpenAPI 3.2,
// section 4.30 has them: of the alternatives, the first one counts whose schemes
// all have a value; inside an alternative all are sent. Which value fits which
// scheme:
//
//	bearer   http bearer, oauth2, openIdConnect, and an apiKey that is the
//	         Authorization header (a common way to declare a bearer token)
//	basic    http basic, and an apiKey that is the Authorization header
//	apiKey   apiKey, in the header, query or cookie that the scheme names
//	tokens   as bearer; runtime/credential/grant gets them, keeps them fresh, and is
//	         told of those that an upstream refuses
//	aws,     apiKey in a header, http schemes of other names and unknown ones; as the
//	hmac     source's own credential with every call, as documents rarely say it
//	mtls     mutualTLS; the certificate goes with every connection of the source
//
// Documents often leave out what their API asks for. So where a document
// declares no schemes at all, a bearer or basic value goes with every call, in
// the Authorization header; and where it declares schemes that none of its
// operations asks for, the values that fit them go with every call. An
// operation that asks for nothing in a document whose other operations do gets
// nothing, as it is public.
//
// A credential belongs to its source. It is never the caller's own token, and
// no call of another source gets it.
package credential
