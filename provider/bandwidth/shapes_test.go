package bandwidth_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/bandwidth/bandwidthtest"
	"github.com/numberdesk/numberdesk/provider/sandbox"
)

// One error in its eleven shapes: with a code it is understood, without one the
// status counts, and the carrier's words are never repeated.
func TestShapes(t *testing.T) {
	w, fake, _ := world(t, sandbox.Config{}, bandwidthtest.Config{})
	holder := w.Provider.Capabilities().Holds
	found, err := w.Provider.Capabilities().Search.Search(ctx, provider.SearchRequest{Page: provider.Page{Limit: 1}})
	require.NoError(t, err)
	n := found.Items[0].Number
	_, err = holder.Hold(ctx, "K1", []nanp.Number{n})
	require.NoError(t, err)
	require.Len(t, bandwidthtest.Shapes(), 11)
	for _, shape := range bandwidthtest.Shapes() {
		fake.Answer(shape)
		_, err := holder.Hold(ctx, "K2", []nanp.Number{n})
		var e *provider.Error
		require.True(t, errors.As(err, &e), "shape %d", shape)
		require.Equal(t, provider.NotApplied, e.Outcome, "shape %d", shape)
		require.NotContains(t, err.Error(), "Reservation failed")
		if shape.ShowsCode() {
			require.Equal(t, provider.NumberTaken, e.Kind, "shape %d", shape)
			require.Equal(t, "5041", e.Code, "shape %d", shape)
		} else {
			require.Equal(t, provider.Invalid, e.Kind, "shape %d", shape)
			require.Empty(t, e.Code, "shape %d", shape)
		}
	}
}
