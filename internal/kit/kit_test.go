package kit_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/internal/kit"
)

// What a case does to its testing.TB is noted, and ends nothing but the case.
func TestAttempt(t *testing.T) {
	var dir string
	for name, c := range map[string]struct {
		run  func(r *kit.Recorder)
		want kit.Line
	}{
		"nothing":           {func(*kit.Recorder) {}, kit.Line{}},
		"logs":              {func(r *kit.Recorder) { r.Logf("a %d", 1); r.Log("b") }, kit.Line{Log: []string{"a 1", "b"}}},
		"goes on":           {func(r *kit.Recorder) { r.Error("a"); r.Log("b") }, kit.Line{Failed: true, Log: []string{"a", "b"}}},
		"ends":              {func(r *kit.Recorder) { r.Fatalf("a %d", 1); r.Log("b") }, kit.Line{Failed: true, Log: []string{"a 1"}}},
		"is skipped":        {func(r *kit.Recorder) { r.Skipf("no %s", "need"); r.Log("b") }, kit.Line{NotRun: "no need"}},
		"is skipped mutely": {func(r *kit.Recorder) { r.SkipNow() }, kit.Line{NotRun: "it was skipped"}},
		"goes on unproven":  {func(r *kit.Recorder) { r.NotRun("no need"); r.Log("b") }, kit.Line{NotRun: "no need", Log: []string{"b"}}},
		"fails and skips":   {func(r *kit.Recorder) { r.Error("a"); r.Skip("no need") }, kit.Line{Failed: true, Log: []string{"a"}}},
		"cleans up backwards": {func(r *kit.Recorder) {
			r.Cleanup(func() { r.Log("last") })
			r.Cleanup(func() { r.Cleanup(func() { r.Log("meanwhile") }); r.Log("first") })
			r.FailNow()
		}, kit.Line{Failed: true, Log: []string{"first", "meanwhile", "last"}}},
		"fails together": {func(r *kit.Recorder) {
			r.Together(3, func(i int) { r.Fatal("a") })
			r.Log("b")
		}, kit.Line{Failed: true, Log: []string{"a", "a", "a"}}},
		"has a folder": {func(r *kit.Recorder) {
			dir = r.TempDir()
			_, err := os.Stat(dir)
			require.NoError(r, err)
		}, kit.Line{}},
	} {
		t.Run(name, func(t *testing.T) {
			c.want.ID = name
			got := kit.Attempt(t.Context(), kit.Line{ID: name}, func(r *kit.Recorder) {
				require.Equal(t, name, r.Name())
				require.Equal(t, t.Context(), r.Context())
				c.run(r)
			})
			got.Took = 0
			require.Equal(t, c.want, got)
		})
	}
	_, err := os.Stat(dir)
	require.ErrorIs(t, err, os.ErrNotExist)

	got := kit.Attempt(t.Context(), kit.Line{}, func(*kit.Recorder) { panic("boom") })
	require.True(t, got.Failed)
	require.Contains(t, got.Log[0], "panic: boom")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got = kit.Attempt(ctx, kit.Line{}, func(*kit.Recorder) { t.Error("it was run") })
	require.Equal(t, context.Canceled.Error(), got.NotRun)
}

// A line breaks the contract when a MUST fails, and when a deviation does not.
func TestBreaks(t *testing.T) {
	for _, c := range []struct {
		line   kit.Line
		breaks bool
		says   string
	}{
		{kit.Line{Level: kit.MUST}, false, ""},
		{kit.Line{Level: kit.MUST, Failed: true, Why: "why", Log: []string{"this"}}, true, "MUST x is not kept: why\n\tthis"},
		{kit.Line{Level: kit.SHOULD, Failed: true, Why: "why", Log: []string{"this"}}, false, "SHOULD x is not kept: why\n\tthis"},
		{kit.Line{Level: kit.MUST, NotRun: "no need"}, false, "MUST x is not proven: no need"},
		{kit.Line{Level: kit.MUST, Deviates: "cannot", Failed: true}, false, "MUST x is not kept, as stated: cannot"},
		{kit.Line{Level: kit.MUST, Deviates: "cannot"}, true, "MUST x no longer deviates: drop the deviation"},
		{kit.Line{Level: kit.SHOULD, Deviates: "cannot"}, true, "SHOULD x no longer deviates: drop the deviation"},
		{kit.Line{Level: kit.MUST, Deviates: "cannot", NotRun: "no need"}, false, "MUST x is not proven: no need"},
	} {
		c.line.ID = "x"
		require.Equal(t, c.breaks, c.line.Breaks(), "%+v", c.line)
		require.Equal(t, c.says, c.line.String())
		require.Equal(t, c.breaks, !kit.Lines{{Level: kit.MUST}, c.line}.OK())
	}
}

// One case fails, and the others are told all the same.
func Example() {
	var out kit.Lines
	for id, f := range []func(*kit.Recorder){
		func(*kit.Recorder) {},
		func(r *kit.Recorder) { r.Error("two and two is five") },
		func(r *kit.Recorder) { r.Skip("nobody asked") },
	} {
		out = append(out, kit.Attempt(context.Background(), kit.Line{ID: fmt.Sprint("sums/", id), Level: kit.MUST, Why: "sums are right"}, f))
	}
	fmt.Println(out)
	// Output:
	// MUST sums/1 is not kept: sums are right
	// 	two and two is five
	// MUST sums/2 is not proven: nobody asked
	// 1 of 3 kept
}
