// Package pages recognises how an API hands out its lists in parts, and puts the
// parts together again.
//
// There is no standard for it, but there are few ways, and their words are few
// too. [Of] looks at a tool's parameters for those that say where a page begins: a
// cursor ("cursor", "page_token", "starting_after"), the number of a page, or an
// offset; and how long it is. [Plan.Next] looks at an answer for what says that
// there is more: a Link header (RFC 8288) or a member with the next page's URL,
// whose query is read back into arguments; a cursor; the number of the next page;
// "has_more"; a count of pages or of everything; and last, that the page was full.
// What says "no more" goes before all of these but a URL.
//
// A next page's URL is followed only to the same origin and path, and only by the
// arguments that the tool has: nothing but the tool's own operation is ever called.
//
// [Join] puts the elements of all pages where the last page has its own, and keeps
// that page's other members: so the answer still says how it goes on. The outcome
// has the form of one page, only longer, and so fits the same schema.
package pages
