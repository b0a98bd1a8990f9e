package main

import (
	"bytes"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/provider"
)

// Every capability is explained, and the page is the one that the adapters make.
func TestThePageIsTrue(t *testing.T) {
	for _, c := range provider.AllCapabilities() {
		require.NotEmpty(t, whatFor[c], "%s", c)
	}
	carriers, err := adapters()
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, write(&b, carriers...))
	page, err := os.ReadFile("../../docs/carriers.md")
	require.NoError(t, err)
	require.Equal(t, string(page), b.String(), "go generate ./internal/matrix")
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "none", time.Minute: "1m", 10 * time.Minute: "10m", time.Hour: "1h", 90 * time.Minute: "1h30m", 20 * time.Second: "20s", 10*time.Hour + 5*time.Second: "10h0m5s"} {
		require.Equal(t, want, span(d, "none"))
	}
}
