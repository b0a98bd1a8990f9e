package providertest

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync/atomic"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/secret"
)

var (
	documenting = []provider.Capability{provider.CapPortDocs}
	commenting  = append(slices.Clone(porting), provider.CapPortNotes)
	leaving     = append(slices.Clone(owning), provider.CapPortOuts)
)

func (e *env) upload(d provider.Document) provider.Uploaded {
	k := e.key()
	return create(e, func(ctx context.Context) (provider.Uploaded, error) { return e.caps.PortDocs.UploadDocument(ctx, k, d) }, nil)
}

func (e *env) tryUpload(d provider.Document) (provider.Uploaded, error) {
	ctx, done := e.call()
	defer done()
	return e.caps.PortDocs.UploadDocument(ctx, e.key(), d)
}

func (e *env) document() provider.Document {
	e.needs(e.w.Document != nil, "document (Document)")
	return e.w.Document()
}

// watched counts how often a document is opened and not closed again.
type watched struct {
	io.Reader
	close func() error
}

func (w watched) Close() error { return w.close() }

var documentCases = []Case{
	{"docs/uploads", MUST, documenting, "a document gets a reference under which a port can name it, and is closed again", func(e *env) {
		d := e.document()
		var opened, closed atomic.Int64
		open := d.Open
		d.Open = func() (io.ReadCloser, error) {
			opened.Add(1)
			r, err := open()
			if err != nil {
				return nil, err
			}
			return watched{r, func() error { closed.Add(1); return r.Close() }}, nil
		}
		u := e.upload(d)
		e.that(u.Ref != "", "the document has no reference")
		e.that(u.Until.IsZero() || u.Until.After(e.now()), "the document is gone at once")
		e.that(opened.Load() > 0, "the document was not read")
		e.equal(closed.Load(), opened.Load(), "how often the document was closed again")
	}},
	{"docs/cannot-be-read", MUST, documenting, "a document that cannot be read is not sent, not even in part", func(e *env) {
		d := e.document()
		d.Open = func() (io.ReadCloser, error) { return nil, errors.New("no such file") }
		before := e.made(provider.OpUploadDocument)
		_, err := e.tryUpload(d)
		e.that(err != nil, "a document that cannot be read has no error")
		e.equal(provider.OutcomeOf(err), provider.NotApplied, "outcome of %v", err)
		e.equal(e.made(provider.OpUploadDocument), before, "documents at the carrier")
	}},
	{"docs/not-what-was-announced", SHOULD, documenting, "a document that is not the one that was announced is refused: a letter that was cut off proves nothing", func(e *env) {
		d := e.document()
		d.SHA256[0]++
		_, err := e.tryUpload(d)
		e.is(err, provider.Invalid, provider.NotApplied)
	}},
	{"docs/lost-answer-is-unknown", MUST, documenting, "a document whose answer is lost has an unknown outcome", func(e *env) {
		d := e.document()
		struck := e.fail(provider.OpUploadDocument, ReplyLost)
		_, err := e.tryUpload(d)
		e.hit(struck)
		e.unknown(err)
	}},
	{"docs/vanish", MUST, append(slices.Clone(documenting), provider.CapPorts), "a document that has vanished cannot be used any more, and the error says so: the port would lack its letter", func(e *env) {
		e.needs(e.w.Port != nil, "correct port request (Port)")
		u := e.upload(e.document())
		if u.Until.IsZero() {
			e.Skip("documents do not vanish here")
		}
		r := e.w.Port(e.key(), e.one(1))
		r.Documents = []provider.Ref{u.Ref}
		e.advance(u.Until.Sub(e.now()) + 1)
		out, err := e.opens(r)
		if err == nil {
			for _, o := range out {
				o = e.submitOne(o.Ref)
				e.that(o.State == provider.PortNeedsDocument || o.State == provider.PortDraft || len(o.Needs) > 0, "a port without its document is %s", o.State)
			}
			return
		}
		e.oneOf(err, provider.NotApplied, provider.Invalid, provider.NotFound, provider.Precondition)
	}},
}

func (e *env) comments(ref provider.Ref) []provider.PortComment {
	var out []provider.PortComment
	pages(e, provider.Page{}, func(ctx context.Context, p provider.Page) (provider.Result[provider.PortComment], error) {
		return e.caps.PortNotes.ListPortComments(ctx, ref, p)
	}, func(r provider.Result[provider.PortComment]) { out = append(out, r.Items...) })
	return out
}

var commentCases = []Case{
	{"comments/writes-and-reads", MUST, commenting, "what we write to the porting desk is there, as ours, once: it is the only way to some answers", func(e *env) {
		e.polite()
		o := e.open(e.portRequest(e.one(1)...))[0]
		before := len(e.comments(o.Ref))
		k := e.key()
		ctx, done := e.call()
		c, err := e.caps.PortNotes.AddPortComment(ctx, k, o.Ref, secret.New("please call back"))
		done()
		e.ok(err)
		e.that(c.Ours, "our comment is not ours")
		e.that(!c.At.IsZero(), "the comment has no time")
		got := e.comments(o.Ref)
		e.equal(len(got), before+1, "comments")
		mine := slices.ContainsFunc(got, func(c provider.PortComment) bool { return c.Ours && c.Text.Reveal() == "please call back" })
		e.that(mine, "our comment is not in the list")
	}},
	{"comments/lost-answer-is-unknown", MUST, commenting, "a comment whose answer is lost has an unknown outcome, and is in the list", func(e *env) {
		o := e.open(e.portRequest(e.one(1)...))[0]
		struck := e.fail(provider.OpAddPortComment, ReplyLost)
		ctx, done := e.call()
		defer done()
		_, err := e.caps.PortNotes.AddPortComment(ctx, e.key(), o.Ref, secret.New("please call back"))
		e.hit(struck)
		e.unknown(err)
		n := 0
		for _, c := range e.comments(o.Ref) {
			if c.Text.Reveal() == "please call back" {
				n++
			}
		}
		e.equal(n, 1, "comments with these words")
	}},
	{"comments/unknown-port", MUST, commenting, "the comments of a port that is not there are not found", func(e *env) {
		err := refused(e, func(ctx context.Context) (provider.PortComment, error) {
			return e.caps.PortNotes.AddPortComment(ctx, e.key(), "no-such-port", secret.New("please call back"))
		})
		e.oneOf(err, provider.NotApplied, provider.NotFound, provider.Invalid)
	}},
}

func (e *env) portOuts() []provider.PortOut {
	var out []provider.PortOut
	pages(e, provider.Page{}, e.caps.PortOuts.ListPortOuts, func(r provider.Result[provider.PortOut]) { out = append(out, r.Items...) })
	return out
}

// asked lets another carrier ask for a number of ours.
func (e *env) asked() (nanp.Number, provider.PortOut) {
	e.needs(e.w.AskPortOut != nil, "other carrier that asks for a number (AskPortOut)")
	n := e.buy(1)[0]
	e.w.AskPortOut(n)
	e.late()
	for _, p := range e.portOuts() {
		if p.Number == n {
			return n, p
		}
	}
	e.Fatalf("another carrier asks for %s, and nobody is told", n.Format())
	return 0, provider.PortOut{}
}

func (e *env) answer(k provider.Key, r provider.Ref, allow bool) error {
	ctx, done := e.call()
	defer done()
	return e.caps.PortOuts.AnswerPortOut(ctx, k, r, allow, "the customer has not agreed")
}

// answers answers as often as it takes.
func (e *env) answers(k provider.Key, r provider.Ref, allow bool) error {
	_, err := attempt(e, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, e.caps.PortOuts.AnswerPortOut(ctx, k, r, allow, "the customer has not agreed")
	}, nil)
	return err
}

var portOutCases = []Case{
	{"port-outs/shows", MUST, leaving, "a request for one of our numbers is shown with its reference and how long there is to answer: silence is consent", func(e *env) {
		_, p := e.asked()
		e.that(p.Ref != "", "the request has no reference")
		e.that(p.AnswerBy.After(e.now()), "it has to be answered by %v", p.AnswerBy)
		e.said(p.Said, "a port-out")
	}},
	{"port-outs/none", MUST, []provider.Capability{provider.CapPortOuts}, "an account whose numbers nobody wants has an empty list, and no error", func(e *env) {
		e.equal(len(e.portOuts()), 0, "port-outs in a new account")
	}},
	{"port-outs/denied-stays", MUST, leaving, "a number whose request was denied stays ours, and denying again does no harm", func(e *env) {
		n, p := e.asked()
		k := e.key()
		e.ok(e.answers(k, p.Ref, false))
		if err := e.answers(k, p.Ref, false); err != nil {
			e.equal(provider.OutcomeOf(err), provider.NotApplied, "outcome of %v", err)
		}
		e.settle(provider.CapPortOuts)
		e.advance(max(0, p.AnswerBy.Sub(e.now())) + e.takes(provider.CapPorts))
		e.that(e.ours(n), "%s has left though it was denied", n.Format())
	}},
	{"port-outs/allowed-leaves", MUST, leaving, "a number whose request was allowed leaves, and is then not ours and not found", func(e *env) {
		n, p := e.asked()
		e.ok(e.answers(e.key(), p.Ref, true))
		e.settle(provider.CapPortOuts)
		e.advance(max(0, p.AnswerBy.Sub(e.now())) + e.takes(provider.CapPorts))
		e.that(!e.ours(n), "%s has not left", n.Format())
		e.notOwned(n)
	}},
	{"port-outs/lost-answer-is-unknown", MUST, leaving, "an answer whose reply is lost has an unknown outcome: who believes it denied and is wrong loses the number", func(e *env) {
		_, p := e.asked()
		struck := e.fail(provider.OpAnswerPortOut, ReplyLost)
		err := e.answer(e.key(), p.Ref, false)
		e.hit(struck)
		e.unknown(err)
	}},
	{"port-outs/unknown", MUST, []provider.Capability{provider.CapPortOuts}, "a request that is not there is not found", func(e *env) {
		err := refused(e, func(ctx context.Context) (struct{}, error) {
			return struct{}{}, e.caps.PortOuts.AnswerPortOut(ctx, e.key(), "no-such-request", false, "the customer has not agreed")
		})
		e.oneOf(err, provider.NotApplied, provider.NotFound, provider.Invalid)
	}},
}
