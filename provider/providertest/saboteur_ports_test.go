package providertest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/secret"
)

// ports spoils every port order that is shown.
func (s *saboteur) ports(f func(*provider.PortOrder)) {
	after(&s.openPort, func(os *[]provider.PortOrder, _ *error) {
		for i := range *os {
			f(&(*os)[i])
		}
	})
	after(&s.trackPort, func(x *provider.Finding[[]provider.PortOrder], _ *error) {
		for i := range x.Value {
			f(&x.Value[i])
		}
	})
}

func opening(f func(os *[]provider.PortOrder, err *error)) fault {
	return func(s *saboteur, _ *world) { after(&s.openPort, f) }
}

// standing answers with how a port stands, and does nothing.
func (s *saboteur) standing(ctx context.Context, r provider.Ref) (provider.PortOrder, error) {
	f, err := s.trackPort(ctx, provider.Trace{Ref: r})
	for _, o := range f.Value {
		if o.Ref == r {
			return o, err
		}
	}
	return provider.PortOrder{Ref: r}, err
}

func checkedPort(f func(c *provider.PortCheck)) fault {
	return func(s *saboteur, _ *world) {
		after(&s.checkPort, func(cs *[]provider.PortCheck, _ *error) {
			for i := range *cs {
				f(&(*cs)[i])
			}
		})
	}
}

var portFaults = map[string]fault{
	"port-check/portable":     checkedPort(func(c *provider.PortCheck) { c.Said = provider.Said{} }),
	"port-check/not-portable": checkedPort(func(c *provider.PortCheck) { c.Portable = true }),
	"ports/opens": func(s *saboteur, _ *world) {
		s.ports(func(o *provider.PortOrder) { o.Items = o.Items[:min(1, len(o.Items))] })
	},
	"ports/done-when-it-is-ours": func(s *saboteur, _ *world) {
		s.ports(func(o *provider.PortOrder) {
			for i := range o.Items {
				if o.Items[i].State == provider.PortFOC {
					o.Items[i].State = provider.PortDone
				}
			}
		})
	},
	"ports/submit-again": func(s *saboteur, _ *world) {
		calls := 0
		old := s.submitPort
		s.submitPort = func(ctx context.Context, k provider.Key, r provider.Ref) (provider.PortOrder, error) {
			o, err := old(ctx, k, r)
			if calls++; calls > 1 {
				o.State = provider.PortDraft
			}
			return o, err
		}
	},
	"ports/splits":       opening(func(os *[]provider.PortOrder, _ *error) { *os = (*os)[:min(1, len(*os))] }),
	"ports/not-portable": opening(func(_ *[]provider.PortOrder, err *error) { outcome(err, provider.OutcomeUnknown) }),
	"ports/lost-answer-is-found": func(s *saboteur, _ *world) {
		after(&s.trackPort, lost[[]provider.PortOrder])
	},
	"ports/never-arrived": func(s *saboteur, _ *world) { twice(&s.openPort) },
	"ports/repeat-of-a-key": func(s *saboteur, _ *world) {
		calls := 0
		after(&s.openPort, func(os *[]provider.PortOrder, _ *error) {
			if calls++; calls > 1 {
				(*os)[0].Ref = "another"
			}
		})
	},
	"ports/refuses-invalid": opening(func(_ *[]provider.PortOrder, err *error) { outcome(err, provider.OutcomeUnknown) }),
	"ports/rejected": func(s *saboteur, _ *world) {
		s.ports(func(o *provider.PortOrder) {
			o.Reasons = nil
			for i := range o.Items {
				o.Items[i].Reasons = nil
			}
		})
	},
	"port-amend/goes-on": func(s *saboteur, _ *world) {
		s.amendPort = func(ctx context.Context, _ provider.Key, r provider.Ref, _ provider.PortRequest) (provider.PortOrder, error) {
			return s.standing(ctx, r)
		}
	},
	"ports/cancels": func(s *saboteur, _ *world) {
		s.cancelPort = func(ctx context.Context, _ provider.Key, r provider.Ref, _ []nanp.Number) (provider.PortOrder, error) {
			return s.standing(ctx, r)
		}
	},
	"ports/cancels-some": func(s *saboteur, _ *world) {
		old := s.cancelPort
		s.cancelPort = func(ctx context.Context, k provider.Key, r provider.Ref, _ []nanp.Number) (provider.PortOrder, error) {
			return old(ctx, k, r, nil)
		}
	},
	"ports/unknown": func(s *saboteur, _ *world) {
		s.cancelPort = func(_ context.Context, _ provider.Key, r provider.Ref, _ []nanp.Number) (provider.PortOrder, error) {
			return provider.PortOrder{Ref: r, State: provider.PortCancelled}, nil
		}
	},

	"docs/uploads": uploading(func(d *provider.Document) {
		open := d.Open
		d.Open = func() (io.ReadCloser, error) {
			r, err := open()
			return io.NopCloser(r), err // never closed
		}
	}),
	"docs/cannot-be-read": func(s *saboteur, w *world) {
		uploading(func(d *provider.Document) { *d = w.Document() })(s, w)
	},
	"docs/lost-answer-is-unknown": func(s *saboteur, _ *world) {
		old := s.upload
		s.upload = func(ctx context.Context, k provider.Key, d provider.Document) (provider.Uploaded, error) {
			u, err := old(ctx, k, d)
			outcome(&err, provider.NotApplied)
			return u, err
		}
	},
	"docs/vanish": opening(func(_ *[]provider.PortOrder, err *error) { outcome(err, provider.OutcomeUnknown) }),

	"comments/writes-and-reads":       commenting(func(c *provider.PortComment, _ *error) { c.Ours = false }),
	"comments/lost-answer-is-unknown": commenting(func(_ *provider.PortComment, err *error) { outcome(err, provider.NotApplied) }),
	"comments/unknown-port":           commenting(func(_ *provider.PortComment, err *error) { forget(err, provider.NotFound) }),

	"port-outs/shows": listedOuts(func(r *provider.Result[provider.PortOut], _ *error) {
		for i := range r.Items {
			r.Items[i].AnswerBy = r.Items[i].Said.At
		}
	}),
	"port-outs/none": listedOuts(func(r *provider.Result[provider.PortOut], err *error) {
		if len(r.Items) == 0 {
			*err = notThere
		}
	}),
	"port-outs/denied-stays":           turned,
	"port-outs/allowed-leaves":         turned,
	"port-outs/lost-answer-is-unknown": answered(func(err *error) { outcome(err, provider.Applied) }),
	"port-outs/unknown":                answered(func(err *error) { forget(err, provider.NotFound) }),
}

func uploading(f func(d *provider.Document)) fault {
	return func(s *saboteur, _ *world) {
		old := s.upload
		s.upload = func(ctx context.Context, k provider.Key, d provider.Document) (provider.Uploaded, error) {
			f(&d)
			u, err := old(ctx, k, d)
			return u, err
		}
	}
}

func commenting(f func(c *provider.PortComment, err *error)) fault {
	return func(s *saboteur, _ *world) {
		old := s.addComment
		s.addComment = func(ctx context.Context, k provider.Key, r provider.Ref, text secret.String) (provider.PortComment, error) {
			c, err := old(ctx, k, r, text)
			f(&c, &err)
			return c, err
		}
	}
}

func listedOuts(f func(r *provider.Result[provider.PortOut], err *error)) fault {
	return func(s *saboteur, _ *world) { after(&s.listPortOuts, f) }
}

func answered(f func(err *error)) fault {
	return func(s *saboteur, _ *world) {
		old := s.answerPortOut
		s.answerPortOut = func(ctx context.Context, k provider.Key, r provider.Ref, allow bool, reason string) error {
			err := old(ctx, k, r, allow, reason)
			f(&err)
			return err
		}
	}
}

// turned answers the contrary.
func turned(s *saboteur, _ *world) {
	old := s.answerPortOut
	s.answerPortOut = func(ctx context.Context, k provider.Key, r provider.Ref, allow bool, reason string) error {
		return old(ctx, k, r, !allow, reason)
	}
}

func decoding(f func(h provider.Webhook, hints *[]provider.Hint, a *provider.Answer, err *error)) fault {
	return func(s *saboteur, _ *world) {
		old := s.decode
		s.decode = func(h provider.Webhook) ([]provider.Hint, provider.Answer, error) {
			hints, a, err := old(h)
			f(h, &hints, &a, &err)
			return hints, a, err
		}
	}
}

// believes takes what was refused, where which says so.
func believes(which func(h provider.Webhook) bool) fault {
	return decoding(func(h provider.Webhook, hints *[]provider.Hint, a *provider.Answer, err *error) {
		if errors.Is(*err, provider.Unauthorized) && which(h) {
			*hints, *a, *err = []provider.Hint{{ID: "1", About: provider.CapOrders}}, provider.Answer{}, nil
		}
	})
}

var decoded atomic.Int64

var hookFaults = map[string]fault{
	"hooks/genuine":  decoding(func(_ provider.Webhook, hints *[]provider.Hint, _ *provider.Answer, _ *error) { *hints = nil }),
	"hooks/unsigned": believes(func(h provider.Webhook) bool { return len(h.Header) == 0 }),
	"hooks/forged-signature": believes(func(h provider.Webhook) bool {
		return len(h.Header[sandbox.HookSignature]) == 1 && len(h.Header[sandbox.HookSignature][0]) > 40
	}),
	"hooks/forged-body": believes(func(h provider.Webhook) bool { return len(h.Header) > 0 }),
	"hooks/repeat": decoding(func(_ provider.Webhook, hints *[]provider.Hint, _ *provider.Answer, _ *error) {
		for i := range *hints {
			(*hints)[i].ID = fmt.Sprint(decoded.Add(1))
		}
	}),
	"hooks/unknown-type": decoding(func(_ provider.Webhook, hints *[]provider.Hint, _ *provider.Answer, err *error) {
		if *err == nil && len(*hints) == 0 {
			*err = no(provider.Invalid)
		}
	}),
	"hooks/without-a-key": func(s *saboteur, w *world) { w.Keyless = methods{s} },
	"hooks/garbage": decoding(func(_ provider.Webhook, _ *[]provider.Hint, _ *provider.Answer, err *error) {
		change(err, func(e *provider.Error) { e.Kind = provider.Invalid })
	}),
}
