// Package oidc tests what the gateway presents to upstreams against a real OpenID
// provider, oidc-provider of npm, pinned by package-lock.json: tokens by client
// secret and by signed JWT, short ones, keys that rotate, refusals and outages; and
// that no secret of any kind of credential shows anywhere. The upstream asks the
// provider about each token that it gets (RFC 7662).
package oidc
