package provider_test

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	. "github.com/numberdesk/numberdesk/provider"
)

// capabilities walks through the fields of Capabilities that are interfaces.
func capabilities(t *testing.T, p Provider, visit func(name Capability, field reflect.Value)) {
	v := reflect.ValueOf(p.Capabilities())
	n := 0
	for i := range v.NumField() {
		if v.Field(i).Kind() != reflect.Interface {
			continue
		}
		name := v.Type().Field(i).Tag.Get("capability")
		require.NotEmpty(t, name, "%s has no name", v.Type().Field(i).Name)
		visit(Capability(name), v.Field(i))
		n++
	}
	require.GreaterOrEqual(t, n, 21)
}

// Every method of every capability passes through the interceptor, under an
// operation of its own: a capability or method that is added later and forgotten
// in wrap fails here.
func TestNothingEscapesMiddleware(t *testing.T) {
	boom := errors.New("boom")
	var calls []Call
	p := Intercept(func(ctx context.Context, c Call, next func(context.Context) error) error {
		calls = append(calls, c)
		require.ErrorIs(t, next(ctx), boom, "the carrier was asked")
		return &Error{Kind: Conflict, Err: boom}
	})(everything{boom})

	ops := map[Op]bool{}
	methods := 0
	capabilities(t, p, func(name Capability, field reflect.Value) {
		require.False(t, field.IsNil(), "%s was lost", name)
		for i := range field.Type().NumMethod() {
			m := field.Method(i)
			args := make([]reflect.Value, m.Type().NumIn())
			for j := range args {
				args[j] = reflect.Zero(m.Type().In(j))
				if m.Type().In(j) == reflect.TypeFor[context.Context]() {
					args[j] = reflect.ValueOf(t.Context())
				}
			}
			before := len(calls)
			out := m.Call(args)
			err, _ := out[len(out)-1].Interface().(error)
			method := string(name) + "." + field.Type().Method(i).Name
			require.Len(t, calls, before+1, "%s escapes middleware", method)
			require.ErrorIs(t, err, Conflict, "%s drops the error of middleware", method)
			require.Equal(t, ID("everything"), calls[before].Provider)
			require.False(t, ops[calls[before].Op], "%s shares the operation %q", method, calls[before].Op)
			ops[calls[before].Op] = true
			methods++
		}
	})
	require.GreaterOrEqual(t, methods, 39)
}

func TestNilStaysNil(t *testing.T) {
	see := func(Call, time.Duration, error) {}
	p := Chain(Observe(see), Timeout(time.Second))(nothing{"n"})
	capabilities(t, p, func(name Capability, field reflect.Value) {
		require.True(t, field.IsNil(), "%s appeared", name)
	})
	require.Equal(t, "Nothing", p.Capabilities().Traits.Name, "traits pass through")
	require.Equal(t, ID("n"), p.ID())
}

func TestChainIsOutermostFirst(t *testing.T) {
	var order []string
	named := func(s string) Middleware {
		return Intercept(func(ctx context.Context, _ Call, next func(context.Context) error) error {
			order = append(order, s)
			return next(ctx)
		})
	}
	_, err := Chain(named("a"), named("b"))(everything{}).Capabilities().Owned.Owned(t.Context(), one)
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b"}, order)
}

func TestKeysAreSeen(t *testing.T) {
	var seen Call
	p := Observe(func(c Call, _ time.Duration, err error) { seen = c })(everything{})
	_, err := p.Capabilities().Orders.Place(t.Context(), OrderRequest{Key: "K1"})
	require.NoError(t, err)
	require.Equal(t, Call{"everything", OpPlace, "K1"}, seen)
	require.True(t, seen.Op.Creates())
	require.False(t, OpTrack.Creates())
}

type hung struct{ everything }

func (h hung) Capabilities() Capabilities { return Capabilities{Orders: h} }
func (hung) Place(ctx context.Context, _ OrderRequest) (Order, error) {
	<-ctx.Done()
	return Order{}, ctx.Err()
}

func TestTimeoutIsAnUnknownOutcome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := Timeout(10 * time.Second)(hung{})
		start := time.Now()
		_, err := p.Capabilities().Orders.Place(t.Context(), OrderRequest{Key: "K1"})
		require.Equal(t, 10*time.Second, time.Since(start))
		require.ErrorIs(t, err, Unavailable)
		require.Equal(t, OutcomeUnknown, OutcomeOf(err))

		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = p.Capabilities().Orders.Place(ctx, OrderRequest{Key: "K1"})
		require.ErrorIs(t, err, context.Canceled, "the caller's own end stays what it is")
	})
}
