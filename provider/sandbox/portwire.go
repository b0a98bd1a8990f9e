package sandbox

import (
	"context"
	"net/http"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/secret"
)

// The HTTP face of ports. What is secret in a request is in the clear here, and
// nowhere else: this face is for tests, on the loopback interface.

type (
	argsPort struct {
		Key     provider.Key
		Ref     provider.Ref
		Request wirePort
	}
	argsCancelPort struct {
		Key  provider.Key
		Ref  provider.Ref
		Only []nanp.Number
	}
	argsDocument struct {
		Key             provider.Key
		Kind, MediaType string
		Size            int64
		SHA256, Body    []byte
	}
	argsComment struct {
		Key  provider.Key
		Ref  provider.Ref
		Text string
	}
	argsRefPage struct {
		Ref  provider.Ref
		Page provider.Page
	}
	argsAnswer struct {
		Key    provider.Key
		Ref    provider.Ref
		Allow  bool
		Reason string
	}
)

// wirePort is a provider.PortRequest with its secrets revealed.
type wirePort struct {
	Key                              provider.Key
	Lines                            []wirePortLine
	Losing                           string
	Account, Authorized, Name, Email string
	BTN, NewBTN                      string
	Partial, Residential             bool
	Service                          postal.Civic
	Desired                          provider.Date
	Zone                             string
	Documents                        []provider.Ref
	Options                          provider.Options
}

type wirePortLine struct {
	Number nanp.Number
	PIN    string
}

func reveal(r provider.PortRequest) wirePort {
	w := wirePort{
		Key: r.Key, Losing: r.Losing, Account: r.Account.Reveal(), Authorized: r.Authorized.Reveal(), Name: r.Name.Reveal(), Email: r.Email.Reveal(),
		BTN: optionalNumber(r.BTN), NewBTN: optionalNumber(r.NewBTN), Partial: r.Partial, Residential: r.Residential,
		Service: r.Service, Desired: r.Desired, Zone: r.Zone, Documents: r.Documents, Options: r.Options,
	}
	for _, l := range r.Lines {
		w.Lines = append(w.Lines, wirePortLine{l.Number, l.PIN.Reveal()})
	}
	return w
}

func (w wirePort) request() provider.PortRequest {
	r := provider.PortRequest{
		Key: w.Key, Losing: w.Losing, Account: secret.New(w.Account), Authorized: secret.New(w.Authorized), Name: secret.New(w.Name), Email: secret.New(w.Email),
		Partial: w.Partial, Residential: w.Residential,
		Service: w.Service, Desired: w.Desired, Zone: w.Zone, Documents: w.Documents, Options: w.Options,
	}
	r.BTN, _ = nanp.Parse(w.BTN)
	r.NewBTN, _ = nanp.Parse(w.NewBTN)
	for _, l := range w.Lines {
		r.Lines = append(r.Lines, provider.PortLine{Number: l.Number, PIN: secret.New(l.PIN)})
	}
	return r
}

func optionalNumber(n nanp.Number) string {
	if !n.Valid() {
		return ""
	}
	return n.String()
}

// wireComment is a provider.PortComment with its text revealed.
type wireComment struct {
	Ref  provider.Ref
	Ours bool
	Text string
	At   time.Time
	Said provider.Said
}

func revealComment(c provider.PortComment) wireComment {
	return wireComment{c.Ref, c.Ours, c.Text.Reveal(), c.At, c.Said}
}

func (w wireComment) comment() provider.PortComment {
	return provider.PortComment{Ref: w.Ref, Ours: w.Ours, Text: secret.New(w.Text), At: w.At, Said: w.Said}
}

func servePorts(mux *http.ServeMux, c *Carrier) {
	f := face{c}
	serve(mux, c, provider.OpCheckPort, func(ctx context.Context, a argsKeyNumbers) ([]provider.PortCheck, error) {
		return f.CheckPort(ctx, a.Numbers)
	})
	serve(mux, c, provider.OpOpenPort, func(ctx context.Context, a argsPort) ([]provider.PortOrder, error) {
		return f.OpenPort(ctx, a.Request.request())
	})
	serve(mux, c, provider.OpSubmitPort, func(ctx context.Context, a argsKeyRef) (provider.PortOrder, error) {
		return f.SubmitPort(ctx, a.Key, a.Ref)
	})
	serve(mux, c, provider.OpTrackPort, f.TrackPort)
	serve(mux, c, provider.OpCancelPort, func(ctx context.Context, a argsCancelPort) (provider.PortOrder, error) {
		return f.CancelPort(ctx, a.Key, a.Ref, a.Only)
	})
	serve(mux, c, provider.OpAmendPort, func(ctx context.Context, a argsPort) (provider.PortOrder, error) {
		return f.AmendPort(ctx, a.Key, a.Ref, a.Request.request())
	})
	serveUpTo(mux, c, provider.OpUploadDocument, maxUpload, func(ctx context.Context, a argsDocument) (provider.Uploaded, error) {
		d := provider.Document{Kind: a.Kind, MediaType: a.MediaType, Size: a.Size, Open: opened(a.Body)}
		copy(d.SHA256[:], a.SHA256)
		return f.UploadDocument(ctx, a.Key, d)
	})
	serve(mux, c, provider.OpListPortComments, func(ctx context.Context, a argsRefPage) (provider.Result[wireComment], error) {
		page, err := f.ListPortComments(ctx, a.Ref, a.Page)
		out := provider.Result[wireComment]{Next: page.Next}
		for _, x := range page.Items {
			out.Items = append(out.Items, revealComment(x))
		}
		return out, err
	})
	serve(mux, c, provider.OpAddPortComment, func(ctx context.Context, a argsComment) (wireComment, error) {
		x, err := f.AddPortComment(ctx, a.Key, a.Ref, secret.New(a.Text))
		return revealComment(x), err
	})
	serve(mux, c, provider.OpListPortOuts, f.ListPortOuts)
	serve(mux, c, provider.OpAnswerPortOut, func(ctx context.Context, a argsAnswer) (nothing, error) {
		return nothing{}, f.AnswerPortOut(ctx, a.Key, a.Ref, a.Allow, a.Reason)
	})
}
