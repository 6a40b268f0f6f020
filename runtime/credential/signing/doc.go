// Package signing signs requests where an API asks for more than a value in a
// header: AWS Signature Version 4, and HMACs in the forms that are common.
//
// A signer gets a request that is whole, right before it is sent, and signs it
// anew whenever it is sent again, to another path for one. What it signs of a
// body comes from the request's GetBody, so that sending does not need it twice.
//
// The HMAC is of the parts that `over` lists, in that order, joined by line feeds
// (U+000A) and with none at the end:
//
//	method         GET
//	path           /v1/things/a%2Fb, percent-encoded as it is sent
//	query          a=1&b=2 as it is sent; empty for none
//	path_query     /v1/things/a%2Fb?a=1&b=2; without the ? where there is no query
//	host           api.example.com, with the port where it is sent
//	timestamp      the seconds since 1970, as the timestamp's header has them
//	body           the body's bytes; empty for none
//	body_sha256    their SHA-256 in lower-case hexadecimal
//	header:NAME    the value of a header; empty where it is not sent
package signing
