package bandwidth_test

import (
	"crypto/sha256"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/provider"
)

// A document that is not the one that was described is not kept.
func TestDocumentsAreChecked(t *testing.T) {
	const body = "%PDF fiction"
	good := provider.Document{Kind: "loa", MediaType: "application/pdf", Size: int64(len(body)), SHA256: sha256.Sum256([]byte(body)),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(body)), nil }}
	c := newWire(t).c
	up, err := c.UploadDocument(ctx, "K", good)
	require.NoError(t, err)
	require.NotEmpty(t, up.Ref)
	for name, spoil := range map[string]func(*provider.Document){
		"sum":   func(d *provider.Document) { d.SHA256[0]++ },
		"size":  func(d *provider.Document) { d.Size-- },
		"large": func(d *provider.Document) { d.Size = 3<<20 + 1 },
		"type":  func(d *provider.Document) { d.MediaType = "video/mp4" },
		"gone":  func(d *provider.Document) { d.Open = func() (io.ReadCloser, error) { return nil, io.ErrUnexpectedEOF } },
		"none":  func(d *provider.Document) { d.Open = nil },
	} {
		d := good
		spoil(&d)
		_, err := c.UploadDocument(ctx, "K", d)
		require.ErrorIs(t, err, provider.Invalid, name)
	}
}
