package sandbox

import (
	"context"
	"slices"
	"strconv"

	"github.com/numberdesk/numberdesk/provider"
)

// Places lists where the carrier sells local numbers: each combination of city,
// rate center and area code once. A cursor is the position of the next place.
func (f face) Places(ctx context.Context, state string, p provider.Page) (provider.Result[provider.Place], error) {
	at := 0
	if p.Cursor != "" {
		n, err := strconv.Atoi(p.Cursor)
		if err != nil || n < 0 {
			return provider.Result[provider.Place]{}, f.c.invalid(provider.OpPlaces, field("cursor", "known", "is none that this carrier has given out"))
		}
		at = n
	}
	if p.Limit < 0 {
		return provider.Result[provider.Place]{}, f.c.invalid(provider.OpPlaces, field("page limit", "range", "is negative"))
	}
	return read(ctx, f.c, provider.OpPlaces, state+p.Cursor, func(view) (provider.Result[provider.Place], error) {
		return f.c.places(state, at, p.Limit), nil
	})
}

func (c *Carrier) places(state string, at, limit int) (out provider.Result[provider.Place]) {
	if limit == 0 || limit > c.cfg.PageMax {
		limit = c.cfg.PageMax
	}
	var all []provider.Place
	seen := make(map[provider.Place]bool)
	for _, p := range c.stock {
		x := provider.Place{State: p.State, City: p.City, RateCenter: p.RateCenter, NPA: p.NPA}
		if p.State == state && c.kinds[provider.Local] && !seen[x] {
			seen[x] = true
			all = append(all, x)
		}
	}
	at = min(at, len(all))
	end := min(at+limit, len(all))
	out.Items = slices.Clone(all[at:end])
	if end < len(all) {
		out.Next = strconv.Itoa(end)
	}
	return out
}

func (r remote) Places(ctx context.Context, state string, p provider.Page) (provider.Result[provider.Place], error) {
	return send[provider.Result[provider.Place]](ctx, r.c, provider.OpPlaces, argsPlaces{state, p})
}
