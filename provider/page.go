package provider

import (
	"context"
	"iter"
)

// Page asks for one page of a list. The cursor is opaque and belongs to the
// request that it came from; "" is the first page. Limit 0 leaves the size to
// the carrier.
type Page struct {
	Cursor string
	Limit  int
}

// Result is one page. Next is "" on the last one.
type Result[T any] struct {
	Items []T
	Next  string
}

// All walks through every page. An error is yielded once, last. A carrier that
// hands out the cursor it was given is cut off with an Internal error.
func All[T any](ctx context.Context, fetch func(context.Context, Page) (Result[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		var p Page
		for {
			if err := ctx.Err(); err != nil {
				yield(zero, err)
				return
			}
			r, err := fetch(ctx, p)
			if err != nil {
				yield(zero, err)
				return
			}
			for _, it := range r.Items {
				if !yield(it, nil) {
					return
				}
			}
			switch r.Next {
			case "":
				return
			case p.Cursor:
				yield(zero, &Error{Kind: Internal, Outcome: NotApplied, Text: "the list does not move on: the next page is this page"})
				return
			}
			p.Cursor = r.Next
		}
	}
}
