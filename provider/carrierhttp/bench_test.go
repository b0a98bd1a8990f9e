package carrierhttp_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
	"github.com/numberdesk/numberdesk/secret"
)

// canned answers at once, without a network.
type canned struct{ body []byte }

func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
	}
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(c.body)), Request: r}, nil
}

// What a call costs beside the network, and what a bare http.Client costs.
func BenchmarkDo(b *testing.B) {
	transport := canned{[]byte(`{"id":"o1"}`)}
	body := []byte(order)
	b.Run("carrierhttp", func(b *testing.B) {
		client := newClient(b, carrierhttp.Config{
			Transport: transport, Auth: carrierhttp.Bearer(secret.New("k")), RequestID: []string{"X-Request-Id"},
			Rates: map[provider.Class]provider.Limit{provider.ClassCreate: {PerSecond: 1e9, Burst: 1 << 30}},
		})
		call := carrierhttp.Call{Op: provider.OpPlace, Path: "/orders", Body: carrierhttp.Bytes("application/json", body)}
		b.ReportAllocs()
		for b.Loop() {
			if _, err := client.Do(b.Context(), call); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("http.Client", func(b *testing.B) {
		client := &http.Client{Transport: transport}
		b.ReportAllocs()
		for b.Loop() {
			r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, "https://api.acme.example/v1/orders", bytes.NewReader(body))
			require.NoError(b, err)
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Authorization", "Bearer k")
			res, err := client.Do(r)
			require.NoError(b, err)
			if _, err := io.ReadAll(res.Body); err != nil {
				b.Fatal(err)
			}
			_ = res.Body.Close()
		}
	})
}

func TestABearerIsSent(t *testing.T) {
	for want, auth := range map[string]carrierhttp.Auth{
		"Bearer k":           carrierhttp.Bearer(secret.New("k")),
		"Basic dXNlcjpwOnc=": carrierhttp.Basic("user", secret.New("p:w")),
		"":                   nil,
	} {
		client := newClient(t, carrierhttp.Config{Auth: auth, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			require.Equal(t, want, r.Header.Get("Authorization"))
			return respond(r, 200, ""), nil
		})})
		_, err := client.Do(t.Context(), placing())
		require.NoError(t, err)
	}
	for _, auth := range []carrierhttp.Auth{
		carrierhttp.Bearer(secret.String{}), carrierhttp.Basic("", secret.New("p")), carrierhttp.Basic("u", secret.String{}), carrierhttp.Basic("u:v", secret.New("p")),
	} {
		client := newClient(t, carrierhttp.Config{Auth: auth, Transport: roundTrip(func(*http.Request) (*http.Response, error) { panic("sent") })})
		_, err := client.Do(t.Context(), placing())
		failed(t, err, provider.Unauthorized, provider.NotApplied)
	}
}
