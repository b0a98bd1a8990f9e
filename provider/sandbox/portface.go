package sandbox

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/secret"
)

// Ports, as the contract sees them.

// CheckPort answers for each number by itself.
func (f face) CheckPort(ctx context.Context, n []nanp.Number) ([]provider.PortCheck, error) {
	if err := f.c.numbers(provider.OpCheckPort, n); err != nil {
		return nil, err
	}
	return read(ctx, f.c, provider.OpCheckPort, n[0].String(), locked(f.c, func(v view) ([]provider.PortCheck, error) { return f.c.checkPort(n, v) }))
}

// OpenPort books all numbers or none.
func (f face) OpenPort(ctx context.Context, r provider.PortRequest) ([]provider.PortOrder, error) {
	const op = provider.OpOpenPort
	if err := f.key(op, r.Key); err != nil {
		return nil, err
	}
	if len(r.Lines) == 0 {
		return nil, f.c.invalid(op, field("lines", "count", "are empty"))
	}
	if err := f.c.checkPortRequest(op, r); err != nil {
		return nil, err
	}
	return create(ctx, f.c, op, string(r.Key), func(cl call) ([]provider.PortOrder, error) { return f.c.openPort(r, cl) })
}

// SubmitPort sends a draft, and answers for any other order as things stand.
func (f face) SubmitPort(ctx context.Context, k provider.Key, r provider.Ref) (provider.PortOrder, error) {
	if err := f.key(provider.OpSubmitPort, k); err != nil {
		return provider.PortOrder{}, err
	}
	return create(ctx, f.c, provider.OpSubmitPort, string(k), func(cl call) (provider.PortOrder, error) { return f.c.submitPort(k, r, cl) })
}

// TrackPort finds orders by key, by the reference of an order or of a group, or by
// numbers: of each number the order that was opened last, not before t.Since.
func (f face) TrackPort(ctx context.Context, t provider.Trace) (provider.Finding[[]provider.PortOrder], error) {
	return read(ctx, f.c, provider.OpTrackPort, subjectOf(t), locked(f.c, func(v view) (provider.Finding[[]provider.PortOrder], error) {
		return f.c.trackPort(t, v), nil
	}))
}

// CancelPort may be repeated.
func (f face) CancelPort(ctx context.Context, k provider.Key, r provider.Ref, only []nanp.Number) (provider.PortOrder, error) {
	if err := f.key(provider.OpCancelPort, k); err != nil {
		return provider.PortOrder{}, err
	}
	if len(only) > 0 {
		if err := f.c.numbers(provider.OpCancelPort, only); err != nil {
			return provider.PortOrder{}, err
		}
	}
	return create(ctx, f.c, provider.OpCancelPort, string(k), func(cl call) (provider.PortOrder, error) { return f.c.cancelPort(k, r, only, cl) })
}

// AmendPort replaces what a draft, or an order that waits for us, was requested
// with; one that is no draft goes on with it at once. What has been handed in stays:
// documents are added, and no desired date or no lines (with their PINs) means
// those from before.
func (f face) AmendPort(ctx context.Context, k provider.Key, r provider.Ref, v provider.PortRequest) (provider.PortOrder, error) {
	if err := f.key(provider.OpAmendPort, k); err != nil {
		return provider.PortOrder{}, err
	}
	if err := f.c.checkPortRequest(provider.OpAmendPort, v); err != nil {
		return provider.PortOrder{}, err
	}
	return create(ctx, f.c, provider.OpAmendPort, string(k), func(cl call) (provider.PortOrder, error) { return f.c.amendPort(k, r, v, cl) })
}

// UploadDocument takes PDF, PNG, JPEG and TIFF up to 20 MiB, and keeps the sum only.
func (f face) UploadDocument(ctx context.Context, k provider.Key, d provider.Document) (provider.Uploaded, error) {
	const op = provider.OpUploadDocument
	if err := f.key(op, k); err != nil {
		return provider.Uploaded{}, err
	}
	body, bad := readDocument(d)
	if bad == nil {
		bad = checkDocument(d, body)
	}
	if bad != nil {
		return provider.Uploaded{}, f.c.invalid(op, bad)
	}
	return create(ctx, f.c, op, string(k), func(cl call) (provider.Uploaded, error) { return f.c.uploadDocument(k, d, cl) })
}

// ListPortComments lists comments from the oldest on.
func (f face) ListPortComments(ctx context.Context, r provider.Ref, p provider.Page) (provider.Result[provider.PortComment], error) {
	if p.Limit < 0 {
		return provider.Result[provider.PortComment]{}, f.c.invalid(provider.OpListPortComments, field("page limit", "range", "is negative"))
	}
	return read(ctx, f.c, provider.OpListPortComments, string(r)+p.Cursor, locked(f.c, func(v view) (provider.Result[provider.PortComment], error) {
		return f.c.listComments(r, p, v)
	}))
}

// AddPortComment writes to the porting desk, which answers within four hours.
func (f face) AddPortComment(ctx context.Context, k provider.Key, r provider.Ref, text secret.String) (provider.PortComment, error) {
	const op = provider.OpAddPortComment
	if err := f.key(op, k); err != nil {
		return provider.PortComment{}, err
	}
	if n := len(text.Reveal()); n == 0 || n > maxComment {
		return provider.PortComment{}, f.c.invalid(op, field("text", "length", fmt.Sprintf("must have 1 to %d bytes", maxComment)))
	}
	return create(ctx, f.c, op, string(k), func(cl call) (provider.PortComment, error) { return f.c.addComment(k, r, text, cl) })
}

// ListPortOuts lists the requests of others, from the oldest on, also those that
// are over.
func (f face) ListPortOuts(ctx context.Context, p provider.Page) (provider.Result[provider.PortOut], error) {
	if p.Limit < 0 {
		return provider.Result[provider.PortOut]{}, f.c.invalid(provider.OpListPortOuts, field("page limit", "range", "is negative"))
	}
	return read(ctx, f.c, provider.OpListPortOuts, p.Cursor, locked(f.c, func(v view) (provider.Result[provider.PortOut], error) { return f.c.listPortOuts(p, v) }))
}

// AnswerPortOut may be repeated. A denial needs a reason, which is passed on and
// not kept.
func (f face) AnswerPortOut(ctx context.Context, k provider.Key, r provider.Ref, allow bool, reason string) error {
	const op = provider.OpAnswerPortOut
	if err := f.key(op, k); err != nil {
		return err
	}
	if !allow && strings.TrimSpace(reason) == "" || len(reason) > 1000 {
		return f.c.invalid(op, field("reason", "length", "must have 1 to 1000 bytes for a denial"))
	}
	_, err := create(ctx, f.c, op, string(k), func(cl call) (struct{}, error) { return struct{}{}, f.c.answerPortOut(k, r, allow, cl) })
	return err
}

// checkPortRequest refuses what no request for a port can hold.
func (c *Carrier) checkPortRequest(op provider.Op, r provider.PortRequest) error {
	ns := make([]nanp.Number, len(r.Lines))
	for i, l := range r.Lines {
		ns[i] = l.Number
	}
	if len(ns) > 0 {
		if err := c.numbers(op, ns); err != nil {
			return err
		}
	}
	texts := []struct {
		what string
		n    int
	}{{"losing carrier", len(r.Losing)}, {"account", len(r.Account.Reveal())}, {"authorised person", len(r.Authorized.Reveal())},
		{"name", len(r.Name.Reveal())}, {"email", len(r.Email.Reveal())}, {"service address", len(r.Service.Line())}}
	for _, l := range r.Lines {
		texts = append(texts, struct {
			what string
			n    int
		}{"PIN", len(l.PIN.Reveal())})
	}
	for _, t := range texts {
		if t.n > 256 {
			return c.invalid(op, field(t.what, "length", "is longer than 256 bytes"))
		}
	}
	zone, err := time.LoadLocation(r.Zone)
	switch d := r.Desired; {
	case err != nil || r.Zone == "Local":
		return c.invalid(op, field("zone", "known", "is no IANA name of a zone"))
	case d == provider.Date{}:
	case time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly) != d.String():
		return c.invalid(op, field("desired date", "date", "is no date"))
	case d.String() < c.now().In(zone).Format(time.DateOnly):
		return c.invalid(op, field("desired date", "future", "is in the past"))
	}
	if len(r.Documents) > 100 {
		return c.invalid(op, field("documents", "count", "are more than 100"))
	}
	return c.invalid(op, r.Options.Only())
}

func (r remote) CheckPort(ctx context.Context, n []nanp.Number) ([]provider.PortCheck, error) {
	return send[[]provider.PortCheck](ctx, r.c, provider.OpCheckPort, argsKeyNumbers{"", n})
}

func (r remote) OpenPort(ctx context.Context, q provider.PortRequest) ([]provider.PortOrder, error) {
	return send[[]provider.PortOrder](ctx, r.c, provider.OpOpenPort, argsPort{Request: reveal(q)})
}

func (r remote) SubmitPort(ctx context.Context, k provider.Key, ref provider.Ref) (provider.PortOrder, error) {
	return send[provider.PortOrder](ctx, r.c, provider.OpSubmitPort, argsKeyRef{k, ref})
}

func (r remote) TrackPort(ctx context.Context, t provider.Trace) (provider.Finding[[]provider.PortOrder], error) {
	return send[provider.Finding[[]provider.PortOrder]](ctx, r.c, provider.OpTrackPort, t)
}

func (r remote) CancelPort(ctx context.Context, k provider.Key, ref provider.Ref, only []nanp.Number) (provider.PortOrder, error) {
	return send[provider.PortOrder](ctx, r.c, provider.OpCancelPort, argsCancelPort{k, ref, only})
}

func (r remote) AmendPort(ctx context.Context, k provider.Key, ref provider.Ref, q provider.PortRequest) (provider.PortOrder, error) {
	return send[provider.PortOrder](ctx, r.c, provider.OpAmendPort, argsPort{k, ref, reveal(q)})
}

// UploadDocument reads the document here, and no more of it than can be taken.
func (r remote) UploadDocument(ctx context.Context, k provider.Key, d provider.Document) (provider.Uploaded, error) {
	body, err := readDocument(d)
	if err != nil {
		return provider.Uploaded{}, &provider.Error{
			Op: provider.OpUploadDocument, Provider: r.c.about.ID, Kind: provider.Invalid, Outcome: provider.NotApplied, Fields: []provider.FieldError{*err},
		}
	}
	return send[provider.Uploaded](ctx, r.c, provider.OpUploadDocument, argsDocument{k, d.Kind, d.MediaType, d.Size, d.SHA256[:], body})
}

func (r remote) ListPortComments(ctx context.Context, ref provider.Ref, p provider.Page) (provider.Result[provider.PortComment], error) {
	page, err := send[provider.Result[wireComment]](ctx, r.c, provider.OpListPortComments, argsRefPage{ref, p})
	out := provider.Result[provider.PortComment]{Next: page.Next}
	for _, x := range page.Items {
		out.Items = append(out.Items, x.comment())
	}
	return out, err
}

func (r remote) AddPortComment(ctx context.Context, k provider.Key, ref provider.Ref, text secret.String) (provider.PortComment, error) {
	x, err := send[wireComment](ctx, r.c, provider.OpAddPortComment, argsComment{k, ref, text.Reveal()})
	return x.comment(), err
}

func (r remote) ListPortOuts(ctx context.Context, p provider.Page) (provider.Result[provider.PortOut], error) {
	return send[provider.Result[provider.PortOut]](ctx, r.c, provider.OpListPortOuts, p)
}

func (r remote) AnswerPortOut(ctx context.Context, k provider.Key, ref provider.Ref, allow bool, reason string) error {
	_, err := send[nothing](ctx, r.c, provider.OpAnswerPortOut, argsAnswer{k, ref, allow, reason})
	return err
}
