package providertest

import (
	"maps"
	"slices"
	"time"

	"github.com/numberdesk/numberdesk/provider"
)

var hooking = []provider.Capability{provider.CapHooks}

func (e *env) message() provider.Webhook {
	e.needs(e.w.Hook != nil, "genuine message (Hook)")
	return e.w.Hook()
}

// copyOf is a message that can be spoilt.
func copyOf(h provider.Webhook) provider.Webhook {
	h.Body, h.Header = slices.Clone(h.Body), maps.Clone(h.Header)
	for k, v := range h.Header {
		h.Header[k] = slices.Clone(v)
	}
	return h
}

func (e *env) trusted(h provider.Webhook) []provider.Hint {
	hints, a, err := e.caps.Hooks.Decode(h)
	e.ok(err)
	e.that(a.Status == 0 || a.Status/100 == 2, "a genuine message is answered with %d", a.Status)
	return hints
}

// forged checks that a message is not believed.
func (e *env) forged(h provider.Webhook, what string, args ...any) {
	hints, a, err := e.caps.Hooks.Decode(h)
	e.that(err != nil, "a message with "+what+" is believed", args...)
	e.is(err, provider.Unauthorized, provider.NotApplied)
	e.equal(len(hints), 0, "hints of a message that cannot be trusted")
	e.that(a.Status == 0 || a.Status/100 != 2, "a message that cannot be trusted is answered with %d", a.Status)
}

// signed lists the headers without which a message is not believed.
func (e *env) signed(h provider.Webhook) []string {
	var out []string
	for name := range h.Header {
		x := copyOf(h)
		delete(x.Header, name)
		if _, _, err := e.caps.Hooks.Decode(x); err != nil {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// flips are the places of a text that are changed, one after the other.
func flips(n int) []int {
	var out []int
	for i := 0; i < n; i += max(1, n/40) {
		out = append(out, i)
	}
	if n > 0 {
		out = append(out, n-1)
	}
	return out
}

var hookCases = []Case{
	{"hooks/genuine", MUST, hooking, "a genuine message is believed and leads to something to look at, with an ID", func(e *env) {
		hints := e.trusted(e.message())
		e.that(len(hints) > 0, "the message leads to nothing")
		for _, h := range hints {
			e.that(h.ID != "", "a hint has no ID: a repeat could not be told")
			e.that(slices.Contains(provider.AllCapabilities(), h.About), "a hint is about %q", h.About)
			t := h.Trace
			e.that(t.Key != "" || t.Ref != "" || len(t.Numbers) > 0, "a hint names nothing to look at")
		}
	}},
	{"hooks/unsigned", MUST, hooking, "a message without what the carrier proves itself by is not believed: anybody can send one", func(e *env) {
		h := copyOf(e.message())
		h.Header = map[string][]string{}
		e.forged(h, "no header")
	}},
	{"hooks/forged-signature", MUST, hooking, "a message whose proof was changed at any place is not believed", func(e *env) {
		h := e.message()
		names := e.signed(h)
		e.that(len(names) > 0, "no header of a message is needed: anybody can send one")
		for _, name := range names {
			value := h.Header[name][0]
			for _, i := range flips(len(value)) {
				x := copyOf(h)
				b := []byte(value)
				b[i] = other(b[i])
				x.Header[name][0] = string(b)
				e.forged(x, "another %s at %d", name, i)
			}
			x := copyOf(h)
			x.Header[name][0] = ""
			e.forged(x, "an empty %s", name)
		}
	}},
	{"hooks/forged-body", MUST, hooking, "a message whose body was changed at any place is not believed, where the carrier signs it", func(e *env) {
		h := e.message()
		for _, i := range flips(len(h.Body)) {
			x := copyOf(h)
			x.Body[i] = other(x.Body[i])
			e.forged(x, "another body at %d", i)
		}
		x := copyOf(h)
		x.Body = append(x.Body, ' ')
		e.forged(x, "a longer body")
		x.Body = nil
		e.forged(x, "no body")
	}},
	{"hooks/old", SHOULD, hooking, "a genuine message that comes again a day later is not believed, where the carrier signs its time", func(e *env) {
		h := copyOf(e.message())
		h.At = h.At.Add(24 * time.Hour)
		e.advance(24 * time.Hour)
		e.forged(h, "the age of a day")
	}},
	{"hooks/repeat", MUST, hooking, "a message that is repeated has the same ID, and another message another one: carriers repeat, and what was seen is not looked at twice", func(e *env) {
		h := e.message()
		a, b := e.trusted(copyOf(h)), e.trusted(copyOf(h))
		e.equal(len(a), len(b), "hints of a repeated message")
		for i := range a {
			e.equal(b[i].ID, a[i].ID, "ID of a repeated message")
		}
		for _, x := range e.trusted(e.w.Hook()) {
			e.that(x.ID != a[0].ID, "two different messages have the same ID")
		}
	}},
	{"hooks/unknown-type", MUST, hooking, "a genuine message of a type that nobody knows is no hint and no error: the carrier would send it again for ever", func(e *env) {
		e.needs(e.w.UnknownHook != nil, "message of an unknown type (UnknownHook)")
		e.equal(len(e.trusted(e.w.UnknownHook())), 0, "hints of an unknown message")
	}},
	{"hooks/without-a-key", MUST, hooking, "without a key nothing is believed: a configuration that was forgotten must not open the door", func(e *env) {
		e.needs(e.w.Keyless != nil, "decoder without a key (Keyless)")
		hints, _, err := e.w.Keyless.Decode(e.message())
		e.is(err, provider.Unauthorized, provider.NotApplied)
		e.equal(len(hints), 0, "hints")
	}},
	{"hooks/garbage", MUST, hooking, "what is no message at all is not believed and does not break anything", func(e *env) {
		for _, h := range []provider.Webhook{{}, {Method: "GET", URL: "://", Body: []byte("\x00\xff")}, {Header: map[string][]string{"": nil, "X": {}}, Body: []byte("{")}} {
			e.forged(h, "no sense")
		}
	}},
}

// other is a character of the same sort, so that a changed text can still be read.
func other(b byte) byte {
	switch {
	case b >= '0' && b < '9', b >= 'a' && b < 'z', b >= 'A' && b < 'Z':
		return b + 1
	case b == '9':
		return '0'
	case b == 'z':
		return 'a'
	case b == 'Z':
		return 'A'
	}
	return b ^ 1
}
