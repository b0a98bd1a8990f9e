package provider

import "time"

// Webhook is a message that a carrier sent us, as it came. Body is the raw body,
// bounded by whoever received it.
type Webhook struct {
	Method string
	URL    string // as the carrier called it, with query
	Header map[string][]string
	Body   []byte
	At     time.Time
}

// Hint says that something may have changed. It carries no authority: it leads
// to a look at the carrier, never to a change by itself.
type Hint struct {
	ID    string // the same for a message that is repeated
	About Capability
	Trace Trace
	Said  Said
}

// Answer is what the carrier gets back. Status 0 means 200. Bandwidth v1 needs a
// 401 with WWW-Authenticate before it sends the body.
type Answer struct {
	Status int
	Header map[string][]string
	Body   []byte
}

// Hooker checks and decodes webhooks. It never calls the carrier.
type Hooker interface {
	// Decode verifies the signature where the carrier signs. A message that cannot
	// be trusted is an Unauthorized error; one of an unknown type is no hint and no error.
	Decode(h Webhook) ([]Hint, Answer, error)
}
