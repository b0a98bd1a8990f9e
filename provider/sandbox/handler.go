package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// Handler serves the carrier over HTTP, for [Dial] in another process: then the
// carrier and its ledger live on when the buyer is killed. It asks nobody for a
// password; serve it on the loopback interface.
//
// An answer that chaos loses is a connection that is cut.
func (c *Carrier) Handler() http.Handler {
	mux := http.NewServeMux()
	f := face{c}
	serve(mux, c, opDescribe, func(context.Context, nothing) (description, error) { return describe(c), nil })
	serve(mux, c, provider.OpSearch, f.Search)
	serve(mux, c, provider.OpPlaces, func(ctx context.Context, a argsPlaces) (provider.Result[provider.Place], error) {
		return f.Places(ctx, a.State, a.Page)
	})
	serve(mux, c, provider.OpHold, func(ctx context.Context, a argsKeyNumbers) ([]provider.Hold, error) {
		return f.Hold(ctx, a.Key, a.Numbers)
	})
	serve(mux, c, provider.OpUnhold, func(ctx context.Context, a argsKeyRef) (nothing, error) {
		return nothing{}, f.Unhold(ctx, a.Ref)
	})
	serve(mux, c, provider.OpTrackHold, f.TrackHold)
	serve(mux, c, provider.OpPlace, f.Place)
	serve(mux, c, provider.OpTrack, f.Track)
	if c.Capabilities().OrderClose != nil {
		serve(mux, c, provider.OpCloseOrder, func(ctx context.Context, a argsKeyRef) (provider.Order, error) {
			return f.CloseOrder(ctx, a.Key, a.Ref)
		})
	}
	serve(mux, c, provider.OpOwned, numberly(f.Owned))
	serve(mux, c, provider.OpListOwned, f.ListOwned)
	serve(mux, c, provider.OpRoute, f.Route)
	serve(mux, c, provider.OpReturn, f.Return)
	serve(mux, c, provider.OpTrackReturn, f.TrackReturn)
	serve(mux, c, provider.OpLookupNumber, numberly(f.LookupNumber))
	serveNames(mux, c)
	serveEmergency(mux, c)
	serveEndpoints(mux, c)
	servePorts(mux, c)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, nil, c.fail("", provider.Unsupported, provider.NotApplied, "this carrier has no such operation"))
	})
	return mux
}

func numberly[T any](f func(context.Context, nanp.Number) (T, error)) func(context.Context, argsNumber) (T, error) {
	return func(ctx context.Context, a argsNumber) (T, error) { return f(ctx, a.Number) }
}

func serve[A, T any](mux *http.ServeMux, c *Carrier, op provider.Op, f func(context.Context, A) (T, error)) {
	serveUpTo(mux, c, op, maxRequest, f)
}

func serveUpTo[A, T any](mux *http.ServeMux, c *Carrier, op provider.Op, limit int64, f func(context.Context, A) (T, error)) {
	mux.HandleFunc("POST "+pathOf(op), func(w http.ResponseWriter, r *http.Request) {
		// The whole body is read before anything is done: half a request is none.
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
		if err != nil {
			answer(w, nil, c.fail(op, provider.Invalid, provider.NotApplied, "the request is too long, or ended too early"))
			return
		}
		var args A
		if err := json.Unmarshal(body, &args); err != nil {
			answer(w, nil, c.fail(op, provider.Invalid, provider.NotApplied, "the request cannot be read"))
			return
		}
		v, err := f(r.Context(), args)
		answer(w, v, err)
	})
}

func answer(w http.ResponseWriter, v any, err error) {
	if Cut(err) {
		panic(http.ErrAbortHandler)
	}
	var out reply
	status := http.StatusOK
	if err != nil {
		e := &provider.Error{Kind: provider.Internal}
		errors.As(err, &e)
		sent := *e
		sent.Err = nil
		out.Error = &sent
		if status = statusOf[e.Kind]; status == 0 {
			status = http.StatusInternalServerError
		}
	} else if out.Value, err = json.Marshal(v); err != nil {
		panic(http.ErrAbortHandler) // it was booked: the answer is lost
	}
	b, err := json.Marshal(out)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(b, '\n'))
}
