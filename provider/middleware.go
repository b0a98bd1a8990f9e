package provider

import (
	"context"
	"errors"
	"time"
)

// Middleware takes a carrier and gives one. What is not offered stays not offered.
type Middleware func(Provider) Provider

// Call is one call of a method of the contract, as middleware sees it: nothing
// of what is asked but its key.
type Call struct {
	Provider ID
	Op       Op
	Key      Key // of a creating or tracking call
}

// Around runs before and after every call: it calls next once, more than once
// (reads only), or not at all, and returns the error that the caller gets.
type Around func(ctx context.Context, c Call, next func(context.Context) error) error

// Intercept puts f around every method of every capability. All other middleware
// is made of it.
func Intercept(f Around) Middleware {
	return func(p Provider) Provider { return intercepted{p, interceptor{p.ID(), f}} }
}

// Chain is several middlewares as one: the first is the outermost.
func Chain(ms ...Middleware) Middleware {
	return func(p Provider) Provider {
		for i := len(ms) - 1; i >= 0; i-- {
			p = ms[i](p)
		}
		return p
	}
}

// Observe reports every call when it has ended, with its time and its error. see
// must be safe for concurrent use.
func Observe(see func(c Call, took time.Duration, err error)) Middleware {
	return Intercept(func(ctx context.Context, c Call, next func(context.Context) error) error {
		start := time.Now()
		err := next(ctx)
		see(c, time.Since(start), err)
		return err
	})
}

// Timeout bounds every call: a carrier that hangs costs the caller at most d. A
// creation that is cut off this way has an unknown outcome.
func Timeout(d time.Duration) Middleware {
	return Intercept(func(ctx context.Context, c Call, next func(context.Context) error) error {
		bounded, cancel := context.WithTimeout(ctx, d)
		defer cancel()
		err := next(bounded)
		var typed *Error
		if err != nil && ctx.Err() == nil && bounded.Err() != nil && !errors.As(err, &typed) {
			return &Error{Op: c.Op, Provider: c.Provider, Kind: Unavailable, Outcome: OutcomeUnknown, Text: "no answer within " + d.String(), Err: err}
		}
		return err
	})
}

type intercepted struct {
	Provider
	i interceptor
}

func (p intercepted) Capabilities() Capabilities { return wrap(p.Provider.Capabilities(), p.i) }

type interceptor struct {
	id ID
	f  Around
}

func (i interceptor) do(ctx context.Context, op Op, k Key, next func(context.Context) error) error {
	return i.f(ctx, Call{i.id, op, k}, next)
}

func through[T any](ctx context.Context, i interceptor, op Op, k Key, next func(context.Context) (T, error)) (v T, err error) {
	err = i.do(ctx, op, k, func(ctx context.Context) (err error) {
		v, err = next(ctx)
		return err
	})
	return v, err
}
