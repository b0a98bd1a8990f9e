package carrierhttp_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
	"github.com/numberdesk/numberdesk/secret"
)

func TestNewRefusesWhatIsNoAddress(t *testing.T) {
	t.Parallel()
	for _, base := range []string{
		"", "api.acme.example", "ftp://api.acme.example", "http://api.acme.example", "http://10.0.0.1", "http://localhost.example", "https://",
		"https://user@api.acme.example", "https://api.acme.example?x=1", "https://api.acme.example?", "https://api.acme.example/#x",
		"https://api.acme.example/v1/../v2", "https://api.acme.example/%2e%2e/v2", "://", "https://api.acme.example:port",
	} {
		_, err := carrierhttp.New(carrierhttp.Config{ID: "acme", Base: base})
		require.ErrorIs(t, err, provider.Invalid, base)
	}
	for _, base := range []string{"https://api.acme.example", "https://api.acme.example/", "https://api.acme.example:8443/v1/", "http://localhost:80/x", "http://127.0.0.1:1", "http://[::1]:1"} {
		_, err := carrierhttp.New(carrierhttp.Config{ID: "acme", Base: base})
		require.NoError(t, err, base)
	}
	for _, cfg := range []carrierhttp.Config{
		{},
		{ID: "Acme", Base: "https://api.acme.example"},
		{ID: "acme", Base: "https://api.acme.example", Hosts: []string{"https://x.example/path"}},
		{ID: "acme", Base: "https://api.acme.example", Hosts: []string{"x.example"}},
		{ID: "acme", Base: "https://api.acme.example", Rates: limited(provider.ClassRead, 0, 5)},
		{ID: "acme", Base: "https://api.acme.example", Rates: limited(provider.ClassRead, -1, 5)},
		{ID: "acme", Base: "https://api.acme.example", Auth: carrierhttp.ClientCredentials(carrierhttp.Credentials{TokenURL: "http://api.acme.example"})},
	} {
		_, err := carrierhttp.New(cfg)
		require.ErrorIs(t, err, provider.Invalid, "%+v", cfg)
	}
}

// where makes a client that notes the address of what it sends.
func where(t testing.TB, seen *string) *carrierhttp.Client {
	return newClient(t, carrierhttp.Config{
		Base: "https://api.acme.example/v1/", Hosts: []string{"https://files.acme.example"}, Auth: carrierhttp.Bearer(secret.New("k")),
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			*seen = r.URL.String()
			return respond(r, 200, "{}"), nil
		}),
	})
}

func TestWhereACallGoes(t *testing.T) {
	t.Parallel()
	var seen string
	client := where(t, &seen)
	for _, c := range []struct {
		path, link string
		query      url.Values
		want       string // "": refused
	}{
		{path: "", want: "https://api.acme.example/v1"},
		{path: "/", want: "https://api.acme.example/v1/"},
		{path: "/orders", want: "https://api.acme.example/v1/orders"},
		{path: "/orders/", want: "https://api.acme.example/v1/orders/"},
		{path: "/orders", query: url.Values{"b": {"2 3"}, "a": {"1"}}, want: "https://api.acme.example/v1/orders?a=1&b=2+3"},
		{path: carrierhttp.Path("orders", "a/b", "+15015550101", "é ?#%"), want: "https://api.acme.example/v1/orders/a%2Fb/+15015550101/%C3%A9%20%3F%23%25"},
		{path: carrierhttp.Path("orders", "...", "a.b"), want: "https://api.acme.example/v1/orders/.../a.b"},
		{path: carrierhttp.Path("orders", "..")}, {path: carrierhttp.Path("orders", ".", "x")}, {path: carrierhttp.Path("orders", "")},
		{path: carrierhttp.Path("orders", "../../admin")}, {path: carrierhttp.Path("orders", `..\..\admin`)}, {path: carrierhttp.Path("orders", "x/..")},
		{path: carrierhttp.Path("orders", "a\nb")}, {path: carrierhttp.Path("orders", "a\x00b")},
		{path: "orders"}, {path: "/../admin"}, {path: "/orders/./x"}, {path: "/%2e%2E/admin"}, {path: "/x/%2e"}, {path: "/x%2f..%2fadmin"},
		{path: "//evil.example/x"}, {path: "/x//y"}, {path: "/x?y=1"}, {path: "/x#y"}, {path: "/%zz"}, {path: "@evil.example"}, {path: ".evil.example/x"},

		{link: "https://api.acme.example/v2/orders?page=2&sig=a%2Bb", want: "https://api.acme.example/v2/orders?page=2&sig=a%2Bb"},
		{link: "https://API.acme.example:443/v2", want: "https://API.acme.example:443/v2"},
		{link: "/2010-04-01/x.json?Page=1", want: "https://api.acme.example/2010-04-01/x.json?Page=1"},
		{link: "https://files.acme.example/f", want: "https://files.acme.example/f"},
		{link: "https://api.acme.example/x#part", want: "https://api.acme.example/x"},
		{link: "https://api.acme.example/x?page=1&size=2", query: url.Values{"page": {"5"}}, want: "https://api.acme.example/x?page=5&size=2"},
		{link: "http://api.acme.example/x"}, {link: "https://api.acme.example:444/x"}, {link: "https://evil.example/x"}, {link: "//evil.example/x"},
		{link: "https://api.acme.example.evil.example/x"}, {link: "https://api.acme.example@evil.example/x"}, {link: "https://user:pw@api.acme.example/x"},
		{link: `https://api.acme.example\@evil.example/x`}, {link: "https:evil.example"}, {link: "javascript:alert(1)"}, {link: "file:///etc/passwd"}, {link: "https://xapi.acme.example/"},
		{link: "https://api.acme.example/%2e%2e/x"}, {link: "https://api.acme.example./x"},
		{link: "https://api.acme.example/x", path: "/x"},
		{path: "/x", query: url.Values{"pin": {secret.New("1234").String()}}},
	} {
		seen = ""
		_, err := client.Do(t.Context(), carrierhttp.Call{Op: provider.OpPlace, Path: c.path, URL: c.link, Query: c.query})
		require.Equal(t, c.want, seen, "%q %q", c.path, c.link)
		if c.want == "" {
			failed(t, err, provider.Invalid, provider.NotApplied)
		} else {
			require.NoError(t, err)
		}
	}
}

func TestNoSegmentStepsOutOfItsPlace(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		var seen string
		client := where(t, &seen)
		segment := rapid.OneOf(rapid.String(), rapid.StringMatching(`[./\\%2eEfF?#@:]{0,8}`)).Draw(rt, "segment")
		_, err := client.Do(context.Background(), carrierhttp.Call{Path: carrierhttp.Path("orders", segment, "end")})
		if err != nil {
			require.Empty(rt, seen)
			return
		}
		u, err := url.Parse(seen)
		require.NoError(rt, err)
		require.Equal(rt, "api.acme.example", u.Host)
		require.Empty(rt, u.RawQuery)
		parts := strings.Split(u.EscapedPath(), "/")
		require.Len(rt, parts, 5, seen)
		require.Equal(rt, []string{"", "v1", "orders"}, parts[:3])
		got, err := url.PathUnescape(parts[3])
		require.NoError(rt, err)
		require.Equal(rt, segment, got)
	})
}
