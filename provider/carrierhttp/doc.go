// Package carrierhttp is what an adapter needs to talk to a carrier over HTTP and
// must not get wrong: what is sent once and what may be sent again, what became of
// a request whose answer is missing, the carrier's rate, and what never reaches an
// error or a log.
//
//	client, err := carrierhttp.New(carrierhttp.Config{
//		ID:    "acme",
//		Base:  "https://api.acme.example/v1",
//		Auth:  carrierhttp.Bearer(key),
//		Rates: map[provider.Class]provider.Limit{provider.ClassRead: {PerSecond: 10, Burst: 20}},
//		Classify: func(r carrierhttp.Response, e *provider.Error) { ... },
//	})
//	res, err := client.Do(ctx, carrierhttp.Call{
//		Op: provider.OpPlace, Method: "POST", Path: "/orders", Body: carrierhttp.JSON(order),
//	})
//
// # What it promises
//
//   - A call is a [Create] unless it says [Read]. A Create leaves at most once,
//     whatever happens: after a 500, a lost answer, a time-out; neither this package
//     nor net/http nor a redirect sends it again. The one exception is a 401 to
//     credentials that can be renewed ([ClientCredentials]): it proves that nothing
//     was applied, and the call is sent once more with new ones.
//   - A Read is sent again after what may pass (no answer, 408, 425, 429, 5xx but
//     501), up to Config.Attempts, with pauses that grow, differ, and together never
//     exceed Config.Patience. Retry-After and X-RateLimit-Reset are honoured up to
//     there; one that asks for more ends the call with an error that says when.
//   - Every error is a *provider.Error. Its Outcome follows from what really went
//     onto the wire: NotApplied only when not one byte of the request was written,
//     or when the carrier's answer proves it (4xx but 408, 409 and 425); Applied when
//     the header of a 2xx arrived and the rest of it did not, or cannot be read; else
//     unknown. A Read changes nothing: all its errors are NotApplied. An adapter that
//     reads after it has created MUST NOT hand on such an error as that of the
//     creation.
//   - Every attempt pays the rate of its class, first come, first served. A new client
//     begins with an empty bucket: a process that restarts in a loop does not get a
//     burst each time. A 429 stops the class for everybody until the carrier's time
//     has come, a minute at most. A call whose deadline comes before its turn is told
//     so at once: RateLimited, not applied, and when.
//   - Redirects are not followed. An answer is read up to Config.MaxReply.
//   - No body, no URL, no query, no header and no configured secret is ever part of
//     an error or of a log line: causes are replaced by a few known ones.
//   - A request goes below Config.Base or to an origin that was allowed, whatever an ID
//     or a link of the carrier says. A body that holds the mark of a redacted secret in
//     the place of the secret is not sent.
//
// # Where the limits are
//
// The wait for the rate is bounded by the context only. What proves that nothing was
// sent is the client's own transport; see Config.Transport. Idle connections are kept
// for four seconds: a request that meets a connection which the server is closing has
// an unknown outcome.
//
// Everything is safe for concurrent use. Nothing runs in the background but what
// net/http needs for a connection.
//
// For webhooks there are the parts of a signature check that are easy to get wrong:
// [Base64], [MAC], [Fresh].
package carrierhttp
