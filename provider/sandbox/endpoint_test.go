package sandbox

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider"
)

func (d *desk) setEndpoint(k provider.Key, r provider.Ref, a postal.Civic) provider.EndpointResult {
	d.Helper()
	out, err := d.Endpoints.SetEndpoint(ctxOf(d.T), provider.EndpointRequest{Key: k, Ref: r, Label: "laptop", Address: a, CallerName: "ACME", Callback: fiction})
	require.NoError(d, err)
	return out
}

func (d *desk) trackEndpoint(t provider.Trace) provider.Finding[provider.EndpointResult] {
	d.Helper()
	f, err := d.Endpoints.TrackEndpoint(ctxOf(d.T), t)
	require.NoError(d, err)
	return f
}

func (d *desk) endpoints(limit int) []provider.Endpoint {
	d.Helper()
	var out []provider.Endpoint
	p := provider.Page{Limit: limit}
	for {
		res, err := d.Endpoints.ListEndpoints(ctxOf(d.T), p)
		require.NoError(d, err)
		require.LessOrEqual(d, len(res.Items), limit)
		out = append(out, res.Items...)
		if p.Cursor = res.Next; p.Cursor == "" {
			return out
		}
	}
}

func TestADeviceMovesWithoutAGap(t *testing.T) {
	both(t, Config{}, func(d *desk) {
		a, b := d.good(typed), d.good(other)
		made := d.setEndpoint("p1", "", a)
		p := made.Endpoint
		require.Equal(d, provider.Valid, made.Check.Grade)
		require.Equal(d, provider.RegWaiting, p.State)
		require.NotEmpty(d, p.Ref)
		require.NotEmpty(d, p.SIPFrom)
		require.NotEmpty(d, p.Geolocation)
		require.Equal(d, "laptop", p.Label)
		require.Equal(d, fiction, p.Callback)
		require.Nil(d, p.Address)
		d.clk.add(registerMax + registerLag)
		p = d.trackEndpoint(provider.Trace{Key: "p1"}).Value.Endpoint
		require.Equal(d, provider.RegActive, p.State)
		require.Equal(d, a, *p.Address)
		require.Equal(d, p.Ref, d.trackEndpoint(provider.Trace{Ref: p.Ref}).Value.Endpoint.Ref)

		move := d.setEndpoint("p2", p.Ref, b).Endpoint
		require.Equal(d, p.Ref, move.Ref)
		require.Equal(d, p.SIPFrom, move.SIPFrom)
		require.NotEqual(d, p.Geolocation, move.Geolocation)
		for moved := false; !moved; d.clk.add(time.Second) {
			list := d.endpoints(10)
			require.Len(d, list, 1)
			require.Equal(d, provider.RegActive, list[0].State)
			if moved = *list[0].Address == b; moved {
				require.Equal(d, move.Geolocation, list[0].Geolocation)
			} else {
				require.Equal(d, a, *list[0].Address)
				require.Equal(d, p.Geolocation, list[0].Geolocation)
				require.Equal(d, provider.RegWaiting, d.trackEndpoint(provider.Trace{Key: "p2"}).Value.Endpoint.State)
			}
		}
		require.Equal(d, map[provider.Ref]postal.Civic{p.Ref: b}, d.c.Book().Endpoints())

		require.NoError(d, d.Endpoints.RemoveEndpoint(ctxOf(d.T), "p3", p.Ref))
		require.Equal(d, provider.RegRemoving, d.endpoints(10)[0].State)
		_, err := d.Endpoints.SetEndpoint(ctxOf(d.T), provider.EndpointRequest{Key: "p4", Ref: p.Ref, Address: a})
		fails(d, err, provider.Conflict, provider.NotApplied)
		require.NoError(d, d.Endpoints.RemoveEndpoint(ctxOf(d.T), "p5", p.Ref), "it may be repeated")
		d.clk.add(registerMax)
		require.Empty(d, d.endpoints(10))
		require.NoError(d, d.Endpoints.RemoveEndpoint(ctxOf(d.T), "p6", p.Ref))
		f := d.trackEndpoint(provider.Trace{Key: "p3"})
		require.Equal(d, provider.Found, f.Verdict)
		require.Equal(d, provider.RegNone, f.Value.Endpoint.State)
		require.Equal(d, p.Ref, f.Value.Endpoint.Ref)
		_, err = d.Endpoints.SetEndpoint(ctxOf(d.T), provider.EndpointRequest{Key: "p7", Ref: p.Ref, Address: a})
		fails(d, err, provider.NotFound, provider.NotApplied)
		require.Empty(d, d.c.Book().Endpoints())
		require.Equal(d, 1, d.c.Book().Count(provider.OpRemoveEndpoint))
	})
}

func TestWhereADeviceCannotBe(t *testing.T) {
	both(t, Config{}, func(d *desk) {
		for k, a := range map[provider.Key]postal.Civic{"p1": several, "p2": nowhere} {
			out := d.setEndpoint(k, "", a)
			require.Empty(d, out.Endpoint.Ref)
			require.Greater(d, out.Check.Grade, provider.Corrected)
			require.Equal(d, provider.Absent, d.trackEndpoint(provider.Trace{Key: k}).Verdict)
		}
		out := d.setEndpoint("p3", "", typed)
		require.Equal(d, provider.Corrected, out.Check.Grade)
		d.clk.add(registerMax + registerLag)
		p := d.endpoints(1)[0]
		require.Equal(d, provider.RegAdjusted, p.State)
		require.Equal(d, *out.Check.Corrected, *p.Address)
		for _, r := range []provider.EndpointRequest{{Address: typed}, {Key: "k", Callback: 7, Address: typed}, {Key: "k", Label: strings.Repeat("x", 65), Address: typed}} {
			_, err := d.Endpoints.SetEndpoint(ctxOf(d.T), r)
			fails(d, err, provider.Invalid, provider.NotApplied)
		}
		_, err := d.Endpoints.SetEndpoint(ctxOf(d.T), provider.EndpointRequest{Key: "k", Ref: "ep-none", Address: typed})
		fails(d, err, provider.NotFound, provider.NotApplied)
		fails(d, d.Endpoints.RemoveEndpoint(ctxOf(d.T), "k", "ep-none"), provider.NotFound, provider.NotApplied)
		fails(d, d.Endpoints.RemoveEndpoint(ctxOf(d.T), "", p.Ref), provider.Invalid, provider.NotApplied)
		for _, page := range []provider.Page{{Limit: -1}, {Cursor: "x"}, {Cursor: "-1"}} {
			_, err := d.Endpoints.ListEndpoints(ctxOf(d.T), page)
			fails(d, err, provider.Invalid, provider.NotApplied)
		}
		require.Equal(d, 1, d.c.Book().Count(provider.OpSetEndpoint))
	})
}

func TestPagesOfDevicesNeitherRepeatNorSkip(t *testing.T) {
	both(t, Config{PageMax: 3}, func(d *desk) {
		a := d.good(typed)
		var want []provider.Ref
		for i := range 10 {
			want = append(want, d.setEndpoint(provider.Key(fmt.Sprint("p", i)), "", a).Endpoint.Ref)
		}
		first, err := d.Endpoints.ListEndpoints(ctxOf(d.T), provider.Page{})
		require.NoError(d, err)
		require.Len(d, first.Items, 3)
		require.NoError(d, d.Endpoints.RemoveEndpoint(ctxOf(d.T), "x1", want[1]))
		require.NoError(d, d.Endpoints.RemoveEndpoint(ctxOf(d.T), "x2", want[4]))
		d.clk.add(registerMax)
		got := []provider.Ref{want[0], want[1], want[2]}
		for p, err := range provider.All(context.Background(), func(ctx context.Context, p provider.Page) (provider.Result[provider.Endpoint], error) {
			if p.Cursor == "" {
				p.Cursor = first.Next
			}
			return d.Endpoints.ListEndpoints(ctx, p)
		}) {
			require.NoError(d, err)
			got = append(got, p.Ref)
		}
		require.Equal(d, append(append([]provider.Ref{}, want[:4]...), want[5:]...), got)
		require.Len(d, d.endpoints(2), 8)
	})
}
