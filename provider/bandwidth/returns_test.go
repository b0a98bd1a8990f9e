package bandwidth_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/bandwidth"
)

func disconnectBody(id, key, status, rest string) string {
	return "<DisconnectTelephoneNumberOrderResponse>" + rest + "<orderRequest><CustomerOrderId>" + key + "</CustomerOrderId><id>" + id + "</id><DisconnectTelephoneNumberOrderType><TelephoneNumberList>" +
		"<TelephoneNumber>+15015550101</TelephoneNumber></TelephoneNumberList></DisconnectTelephoneNumberOrderType></orderRequest><OrderStatus>" + status + "</OrderStatus></DisconnectTelephoneNumberOrderResponse>"
}

func TestReturnStatuses(t *testing.T) {
	for status, want := range map[string]provider.ItemState{"RECEIVED": provider.ItemWaiting, "PROCESSING": provider.ItemWaiting, "COMPLETE": provider.ItemGone, "PARTIAL": provider.ItemGone, "FAILED": provider.ItemRefused, "ODD": provider.ItemUnclear} {
		w := newWire(t)
		w.on("GET", "/disconnects/d1", 200, disconnectBody("d1", "K", status, ""))
		w.on("POST", "./tns", 200, numberStatuses("+15015550101", "Aging"))
		f, err := w.c.TrackReturn(ctx, provider.Trace{Ref: "d1"})
		require.NoError(t, err)
		require.Equal(t, want, f.Value.Items[0].State, status)
	}
	w := newWire(t)
	w.on("GET", "/disconnects/d1", 200, disconnectBody("d1", "K", "PARTIAL", "<ErrorList><Error><Code>5006</Code><TelephoneNumber>+15015550102</TelephoneNumber></Error></ErrorList>"))
	w.on("POST", "./tns", 200, numberStatuses("+15015550101", "Aging"))
	f, err := w.c.TrackReturn(ctx, provider.Trace{Ref: "d1", Numbers: []nanp.Number{one, two}})
	require.NoError(t, err)
	it, _ := f.Value.Item(two)
	require.Equal(t, provider.ItemRefused, it.State)
	require.ErrorIs(t, it.Err, provider.NotYours)
}

// An order that says that a number is gone is not believed while the number is
// still here.
func TestReturnIsConfirmed(t *testing.T) {
	for _, tc := range []struct {
		status int
		body   string
		want   provider.ItemState
	}{
		{200, numberStatuses("+15015550101", "Aging"), provider.ItemGone},
		{200, numberStatuses("+15015550101", "Available"), provider.ItemGone},
		{200, numberStatuses("+15015550102", "Inservice"), provider.ItemGone},
		{200, numberStatuses("+15015550101", "Inservice"), provider.ItemUnclear},
		{200, numberStatuses("+15015550101", "nobody knows this"), provider.ItemUnclear},
		{404, "<TelephoneNumbersResponse><ErrorList><Error><Code>15610</Code><TelephoneNumbers><TelephoneNumber>+15015550101</TelephoneNumber></TelephoneNumbers></Error></ErrorList></TelephoneNumbersResponse>", provider.ItemGone},
	} {
		w := newWire(t)
		w.on("GET", "/disconnects/d1", 200, disconnectBody("d1", "K", "COMPLETE", ""))
		w.on("POST", "./tns", tc.status, tc.body)
		f, err := w.c.TrackReturn(ctx, provider.Trace{Ref: "d1"})
		require.NoError(t, err)
		require.Equal(t, tc.want, f.Value.Items[0].State, tc.body)
	}
	for _, tc := range []struct {
		status int
		body   string
	}{{200, ""}, {404, ""}, {200, "<TelephoneNumbersResponse><ErrorList><Error><Code>1000</Code></Error></ErrorList></TelephoneNumbersResponse>"}, {500, ""}, {200, "<html/>"}} {
		w := newWire(t)
		w.on("POST", "./tns", tc.status, tc.body)
		_, err := w.c.TrackReturn(ctx, provider.Trace{Key: "K", Numbers: []nanp.Number{one}, Since: noon})
		require.Error(t, err, "silence is no proof: %d %s", tc.status, tc.body)
		require.NotErrorIs(t, err, provider.NotFound)
	}
}

// An answer without a number says nothing about the number.
func TestDetailsOfNothing(t *testing.T) {
	for _, body := range []string{"", "<TelephoneNumberResponse/>", "<X><Errors><Code>1000</Code></Errors></X>"} {
		w := newWire(t)
		w.on("GET", "./tns/+15015550101/tndetails", 200, body)
		_, owned := w.c.Owned(ctx, one)
		_, name := w.c.ReadName(ctx, one)
		_, registration := w.c.Registration(ctx, one)
		for _, err := range []error{owned, name, registration} {
			require.ErrorIs(t, err, provider.Internal, body)
		}
	}
}

// A return without a reference is settled by its numbers.
func TestReturnByNumber(t *testing.T) {
	trace := provider.Trace{Key: "K", Numbers: []nanp.Number{one, two}, Since: noon}
	w := newWire(t)
	w.on("POST", "./tns", 200, numberStatuses("+15015550101", "Aging"))
	f, err := w.c.TrackReturn(ctx, trace)
	require.NoError(t, err)
	require.Equal(t, provider.Found, f.Verdict)
	require.True(t, f.Value.Settled(), "both are gone: one ages, the other is not in the account")
	require.Equal(t, "POST /tns <TnList><Tn>+15015550101</Tn><Tn>+15015550102</Tn></TnList>", w.last())

	for name, tc := range map[string]struct {
		listed, order string
		at            []string
		want          provider.Verdict
	}{
		"ours":            {"<ResponseSelectWrapper><OrderId>d1</OrderId></ResponseSelectWrapper>", disconnectBody("d1", "K", "RECEIVED", ""), []string{"+15015550101", "Inservice", "+15015550102", "Inservice"}, provider.Found},
		"another's":       {"<ResponseSelectWrapper><OrderId>d1</OrderId></ResponseSelectWrapper>", disconnectBody("d1", "other", "RECEIVED", ""), []string{"+15015550101", "Inservice", "+15015550102", "Inservice"}, provider.Absent},
		"nobody's":        {"<ResponseSelectWrapper><OrderId>d1</OrderId></ResponseSelectWrapper>", disconnectBody("d1", "", "RECEIVED", ""), []string{"+15015550101", "Inservice", "+15015550102", "Inservice"}, provider.CannotTell},
		"none":            {"<ResponseSelectWrapper/>", "", []string{"+15015550101", "Inservice", "+15015550102", "Inservice"}, provider.Absent},
		"no list":         {"<X/>", "", []string{"+15015550101", "Inservice", "+15015550102", "Inservice"}, provider.CannotTell},
		"cut short":       {"<ResponseSelectWrapper><TotalCount>2</TotalCount><OrderId>d1</OrderId></ResponseSelectWrapper>", disconnectBody("d1", "other", "RECEIVED", ""), []string{"+15015550101", "Inservice", "+15015550102", "Inservice"}, provider.CannotTell},
		"vanished":        {"<ResponseSelectWrapper><OrderId>d2</OrderId></ResponseSelectWrapper>", "", []string{"+15015550101", "Inservice", "+15015550102", "Inservice"}, provider.CannotTell},
		"some have gone":  {"<ResponseSelectWrapper/>", "", []string{"+15015550101", "Inservice"}, provider.CannotTell},
		"too many orders": {`<X><Links><next>https://api.bandwidth.com/x?page=2</next></Links></X>`, "", []string{"+15015550101", "Inservice", "+15015550102", "Inservice"}, provider.CannotTell},
	} {
		w := newWire(t)
		w.on("POST", "./tns", 200, numberStatuses(tc.at...))
		w.on("GET", "/disconnects", 200, tc.listed)
		w.on("GET", "/disconnects/d1", 200, tc.order)
		w.on("GET", "/disconnects/d2", 404, "")
		f, err := w.c.TrackReturn(ctx, trace)
		require.NoError(t, err, name)
		require.Equal(t, tc.want, f.Verdict, name)
	}
	f, err = w.c.TrackReturn(ctx, provider.Trace{Key: "K"})
	require.NoError(t, err)
	require.Equal(t, provider.CannotTell, f.Verdict)
}

// Silence proves nothing: only a list that could have named the order shows that
// there is none.
func TestSilenceIsNoAbsence(t *testing.T) {
	tracks := map[string]func(c *bandwidth.Carrier) (provider.Verdict, string, error){
		"/orders": func(c *bandwidth.Carrier) (provider.Verdict, string, error) {
			f, err := c.Track(ctx, provider.Trace{Key: "K"})
			return f.Verdict, f.Why, err
		},
		"/e911s": func(c *bandwidth.Carrier) (provider.Verdict, string, error) {
			f, err := c.TrackRegistration(ctx, provider.Trace{Key: "K"})
			return f.Verdict, f.Why, err
		},
		"/portins": func(c *bandwidth.Carrier) (provider.Verdict, string, error) {
			f, err := c.TrackPort(ctx, provider.Trace{Key: "K"})
			return f.Verdict, f.Why, err
		},
	}
	for path, track := range tracks {
		for name, tc := range map[string]struct {
			status int
			body   string
			want   provider.Verdict
		}{
			"no content":   {204, "", provider.Absent},
			"404":          {404, "", provider.Absent},
			"an empty one": {200, "<ResponseSelectWrapper><ListOrderIdUserIdDate><TotalCount>0</TotalCount></ListOrderIdUserIdDate></ResponseSelectWrapper>", provider.Absent},
			"nothing":      {200, "", provider.CannotTell},
			"an error":     {200, "<OrderResponse><ErrorList><Error><Code>5014</Code><Description>x</Description></Error></ErrorList></OrderResponse>", provider.CannotTell},
			"a count":      {200, "<ResponseSelectWrapper><ListOrderIdUserIdDate><TotalCount>1</TotalCount></ListOrderIdUserIdDate></ResponseSelectWrapper>", provider.CannotTell},
		} {
			w := newWire(t)
			w.on("GET", path, tc.status, tc.body)
			verdict, why, err := track(w.c)
			require.NoError(t, err, "%s %s", path, name)
			require.Equal(t, tc.want, verdict, "%s %s", path, name)
			require.Equal(t, tc.want == provider.CannotTell, why != "", "%s %s", path, name)
		}
		for name, status := range map[string]int{"a page": 200, "a page for 404": 404} {
			w := newWire(t)
			w.on("GET", path, status, "<html><body>Sign in to the network</body></html>")
			_, _, err := track(w.c)
			require.Error(t, err, "%s %s", path, name)
		}
	}
	w := newWire(t)
	w.on("GET", "/orders/o1", 200, "")
	f, err := w.c.Track(ctx, provider.Trace{Ref: "o1"})
	require.NoError(t, err)
	require.Equal(t, provider.CannotTell, f.Verdict)
}
