package providertest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/numberdesk/numberdesk/internal/kit"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// env is what a case works with: one world, and the promises that hold for every
// answer.
type env struct {
	*kit.Recorder
	h    Harness
	ctx  context.Context
	w    World
	caps provider.Capabilities
	keys int
	slow atomic.Int32 // how often a call has not come back in time
	sent sync.Map     // when a key was chosen, which is before anything was sent under it
}

const (
	patience = 20 * time.Second       // for one call of a polite carrier
	hangs    = 150 * time.Millisecond // how long a case lets a call hang
	longest  = 5 * time.Second        // and at most, where calls that do not hang take long too
	soon     = 10 * time.Second       // what returning soon after the end of a context is: long for a busy machine
	tries    = 12                     // of one call of a hostile carrier
)

// needs ends the case as not run when the world lacks a part.
func (e *env) needs(has bool, part string) {
	if !has {
		e.Skip("the world has no " + part)
	}
}

// offers ends the case as not run when the carrier lacks a capability.
func (e *env) offers(cs ...provider.Capability) {
	have := e.caps.Offered()
	for _, c := range cs {
		if !slices.Contains(have, c) {
			e.Skipf("%s is not offered: %s", c, e.traits().Why[c].Reason)
		}
	}
}

func (e *env) traits() provider.Traits { return e.caps.Traits }

func (e *env) that(ok bool, what string, args ...any) {
	if !ok {
		e.Fatalf(what, args...)
	}
}

func (e *env) equal(got, want any, what string, args ...any) {
	if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); g != w {
		e.Fatalf("%s: got %s, want %s", fmt.Sprintf(what, args...), g, w)
	}
}

func (e *env) ok(err error) {
	if err != nil {
		e.Fatalf("unexpected error: %v", err)
	}
}

// is checks both axes of an error.
func (e *env) is(err error, k provider.Kind, o provider.Outcome) *provider.Error {
	e.that(err != nil, "there is no error, and should be one of kind %q", k)
	e.that(errors.Is(err, k), "the error is %v, and should be of kind %q", err, k)
	e.equal(provider.OutcomeOf(err), o, "outcome of %v", err)
	return e.typed(err)
}

// oneOf is is with several kinds that fit.
func (e *env) oneOf(err error, o provider.Outcome, ks ...provider.Kind) {
	for _, k := range ks {
		if errors.Is(err, k) {
			e.is(err, k, o)
			return
		}
	}
	e.Fatalf("the error is %v, and should be one of %q", err, ks)
}

// typed returns the *provider.Error that every error of a carrier is. A request
// that is refused before it is sent may answer with the *FieldError itself.
func (e *env) typed(err error) *provider.Error {
	var p *provider.Error
	var f *provider.FieldError
	switch {
	case errors.As(err, &p):
	case errors.As(err, &f):
		p = &provider.Error{Kind: provider.Invalid, Outcome: provider.NotApplied, Fields: []provider.FieldError{*f}}
	default:
		e.Fatalf("the error %q is a %T, and no *provider.Error", err, err)
	}
	return p
}

// key returns one that was not used before.
func (e *env) key() provider.Key {
	e.keys++
	k := provider.Key("K" + strings.ToUpper(strconv.FormatUint(e.h.Seed, 36)) + "-" + strconv.Itoa(e.keys))
	e.sent.Store(k, e.now())
	return k
}

// since is when something was sent under a key for the first time, or earlier.
func (e *env) since(k provider.Key) time.Time {
	if at, known := e.sent.Load(k); known {
		return at.(time.Time)
	}
	return e.now()
}

// call is the context of one call. At a hostile carrier, where calls hang, each that
// did not come back gives the next ones more time: the machine may be slow.
func (e *env) call() (context.Context, context.CancelFunc) {
	d := patience
	if e.w.Hostile {
		d = min(hangs<<min(e.slow.Load(), 10), longest)
	}
	return context.WithTimeout(e.ctx, d)
}

// made is how often op has taken effect, 0 where the world cannot say.
func (e *env) made(op provider.Op) int {
	if e.w.Made == nil {
		return 0
	}
	return e.w.Made(op)
}

// counts ends the case as not run when nobody can say what has taken effect.
func (e *env) counts() { e.needs(e.w.Made != nil, "way to tell what has taken effect (Made)") }

// fail arms a fault, and ends the case as not run where that cannot be done.
func (e *env) fail(op provider.Op, f Fault) (struck func() bool) {
	e.needs(e.w.Fail != nil, "way to make a call fail (Fail)")
	return e.w.Fail(op, f)
}

// failAny arms a fault for whichever of the operations comes first. The others
// stay armed.
func (e *env) failAny(f Fault, ops ...provider.Op) (struck func() bool) {
	var all []func() bool
	for _, op := range ops {
		all = append(all, e.fail(op, f))
	}
	return func() bool { return slices.ContainsFunc(all, func(s func() bool) bool { return s() }) }
}

// hit ends the case as not run when the armed fault did not happen.
func (e *env) hit(struck func() bool) {
	if !struck() {
		e.Skip("the fault did not strike: the adapter asks the carrier for something else")
	}
}

// clock ends the case as not run when time cannot be moved.
func (e *env) clock() {
	e.needs(e.w.Advance != nil && e.w.Now != nil, "clock that can be moved (Now, Advance)")
}

// advance moves the clock.
func (e *env) advance(d time.Duration) {
	e.clock()
	e.w.Advance(d)
}

// takes is how long something settles at most.
func (e *env) takes(c provider.Capability) time.Duration {
	d := e.traits().Usual[c]
	if e.w.Settle != nil {
		d = max(d, e.w.Settle(c))
	}
	return d
}

// settle lets everything settle that was asked for.
func (e *env) settle(c provider.Capability) {
	e.advance(e.takes(c) + time.Second)
	e.late()
}

// late lets so much time pass at a hostile carrier that no answer is older than
// what has been done.
func (e *env) late() {
	if e.w.Hostile {
		e.advance(time.Minute)
	}
}

// horizon goes to where nothing can arrive any more.
func (e *env) horizon() {
	if e.traits().Horizon == 0 {
		e.Skip("the carrier has no horizon: an absence is never proven")
	}
	e.advance(e.traits().Horizon + time.Second)
}

// again says whether a call of a hostile carrier is worth another try, and lets
// pass the time that the carrier asked for.
func (e *env) again(err error, try int) bool {
	after, passes := provider.Passing(err)
	if errors.Is(err, context.DeadlineExceeded) {
		e.slow.Add(1)
	}
	if !e.w.Hostile || try >= tries || !passes && !errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	if e.w.Advance != nil {
		e.w.Advance(max(after, time.Second))
	}
	return true
}

// get reads. A hostile carrier is asked again.
func get[T any](e *env, f func(context.Context) (T, error)) T {
	for try := 1; ; try++ {
		ctx, done := e.call()
		v, err := f(ctx)
		done()
		if err != nil && e.again(err, try) {
			continue
		}
		e.ok(err)
		return v
	}
}

// clear reads until the answer is one that can be understood: a hostile carrier
// speaks in words that nobody knows, and shows what is no longer so, for a while.
func clear[T any](e *env, f func(context.Context) (T, error), unclear func(T) bool) T {
	for try := 1; ; try++ {
		v := get(e, f)
		if !e.w.Hostile || try >= tries || !unclear(v) {
			return v
		}
		e.late()
	}
}

// refused reads what must be an error, and returns it. A hostile carrier is asked
// again after errors that pass.
func refused[T any](e *env, f func(context.Context) (T, error)) error {
	for try := 1; ; try++ {
		ctx, done := e.call()
		_, err := f(ctx)
		done()
		if err == nil {
			e.Fatal("there is no error where one must be")
		}
		if !e.again(err, try) {
			return err
		}
	}
}

// create makes something once, and must come to an end without an error.
func create[T any](e *env, send func(context.Context) (T, error), track func(context.Context) (provider.Finding[T], error)) T {
	v, err := attempt(e, send, track)
	e.ok(err)
	return v
}

// attempt makes something once, and returns the error where that is how it ends. At
// a hostile carrier it goes on as a caller must: what was not applied is sent again,
// what is not known is looked for, and sent again only once its absence is proven.
// Without a track a repeat does no harm.
func attempt[T any](e *env, send func(context.Context) (T, error), track func(context.Context) (provider.Finding[T], error)) (T, error) {
	for try := 1; ; try++ {
		ctx, done := e.call()
		v, err := send(ctx)
		done()
		if err == nil {
			return v, nil
		}
		if e.w.Hostile && try < 3 && errors.Is(err, provider.NotFound) && provider.OutcomeOf(err) == provider.NotApplied {
			e.late() // what it is about may be younger than what the carrier has looked at
			continue
		}
		look := track != nil && provider.OutcomeOf(err) != provider.NotApplied
		if !e.again(err, try) && !(look && e.w.Hostile && try < tries) {
			return v, err
		}
		if !look {
			continue
		}
		if f := get(e, track); f.Verdict == provider.Found {
			return f.Value, nil
		}
		e.horizon()
		switch f := get(e, track); f.Verdict {
		case provider.Found:
			return f.Value, nil
		case provider.CannotTell:
			e.Skip("what became of a call cannot be told here: " + f.Why)
		}
	}
}

// found tracks what must be there.
func found[T any](e *env, track func(context.Context) (provider.Finding[T], error)) T {
	f := clear(e, track, func(f provider.Finding[T]) bool { return f.Verdict != provider.Found })
	e.equal(f.Verdict, provider.Found, "verdict (%s)", f.Why)
	e.asOf(f.AsOf)
	return f.Value
}

func (e *env) asOf(t time.Time) {
	e.that(!t.IsZero(), "a finding does not say as of when it is true")
	if e.w.Now != nil {
		e.that(!t.After(e.w.Now().Add(time.Second)), "a finding is true as of %v, which is still to come at %v", t, e.w.Now())
	}
}

// said checks the evidence of a status.
func (e *env) said(s provider.Said, what string) {
	e.equal(s.By, e.w.Provider.ID(), "who said what of %s", what)
	e.that(s.Raw != "", "%s lacks the carrier's own word", what)
	e.that(!s.At.IsZero(), "%s does not say when it was so", what)
}

// ours reports whether the number is really ours.
func (e *env) ours(n nanp.Number) bool {
	e.needs(e.w.Ours != nil, "way to tell what is ours (Ours)")
	return slices.Contains(e.w.Ours(), n)
}

// fiction is a number that nobody can have.
var fiction = nanp.MustParse("501-555-0101")
