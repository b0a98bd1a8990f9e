package sandbox

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/secret"
)

func TestCheckPort(t *testing.T) {
	both(t, Config{}, func(d *desk) {
		var ns []nanp.Number
		for n := nanp.MustParse("5012170000"); len(ns) < 500; n, _ = n.Next() {
			ns = append(ns, n)
		}
		for n := nanp.MustParse("8882170000"); len(ns) < 1000; n, _ = n.Next() {
			ns = append(ns, n)
		}
		checks, err := d.PortCheck.CheckPort(ctxOf(d.T), ns)
		require.NoError(d, err)
		require.Len(d, checks, len(ns))
		portable, pins := 0, 0
		for i, c := range checks {
			require.Equal(d, ns[i], c.Number)
			info, err := d.Lookup.LookupNumber(ctxOf(d.T), ns[i])
			require.NoError(d, err)
			require.Equal(d, info.SPID, c.SPID)
			require.Equal(d, info.Carrier+info.RespOrg, c.Losing)
			require.Equal(d, info.Line, c.Line)
			require.Equal(d, c.Reason == "", c.Portable)
			require.Equal(d, c.Portable && c.Line == provider.LineWireless, c.NeedsPIN)
			if c.Portable {
				portable++
			}
			if c.NeedsPIN {
				pins++
			}
		}
		require.InDelta(d, 900, portable, 40)
		require.InDelta(d, 150, pins, 40)
		again, err := open(d.T, Config{}).PortCheck.CheckPort(ctxOf(d.T), ns)
		require.NoError(d, err)
		for i := range again {
			require.Equal(d, checks[i].Reason, again[i].Reason, "the same seed is the same carrier")
		}

		mine := d.find(1)
		d.buy("k1", mine...)
		theirs := d.foreign(provider.LineLandline, 1)
		d.submitted("p1", theirs...)
		checks, err = d.PortCheck.CheckPort(ctxOf(d.T), []nanp.Number{mine[0], theirs[0], nanp.MustParse("5015550123")})
		require.NoError(d, err)
		for _, c := range checks {
			require.False(d, c.Portable)
			require.NotEmpty(d, c.Reason)
		}
		for _, bad := range [][]nanp.Number{nil, {0}, {mine[0], mine[0]}} {
			_, err = d.PortCheck.CheckPort(ctxOf(d.T), bad)
			fails(d, err, provider.Invalid, provider.NotApplied)
		}
	})
}

func TestARequestIsSplitByLosingCarrierAndKind(t *testing.T) {
	mixed := func(d *desk) (ns []nanp.Number) {
		for _, l := range []provider.LineType{provider.LineLandline, provider.LineWireless, provider.LineTollFree} {
			ns = append(ns, d.foreign(l, 2)...)
		}
		return ns
	}
	both(t, Config{}, func(d *desk) {
		require.True(d, d.Traits.PortSplits)
		ns := mixed(d)
		os, err := d.Ports.OpenPort(ctxOf(d.T), d.asking("p1", ns...))
		require.NoError(d, err)
		require.Len(d, os, 3)
		for i, o := range os {
			require.Equal(d, os[0].Group, o.Group)
			require.Len(d, o.Items, 2)
			require.Equal(d, ns[2*i], o.Items[0].Number)
			require.Equal(d, provider.Key("p1"), o.Key)
			require.NotEqual(d, os[(i+1)%3].Ref, o.Ref)
			if i > 0 {
				require.Equal(d, os[0].Ref, o.From)
			}
		}
		for _, c := range []struct {
			t    provider.Trace
			want int
		}{
			{provider.Trace{Key: "p1"}, 3},
			{provider.Trace{Key: "other", Ref: os[0].Group}, 3},
			{provider.Trace{Ref: os[2].Ref}, 1},
			{provider.Trace{Numbers: ns[1:3]}, 2},
			{provider.Trace{Numbers: ns[1:3], Since: d.clk.Now().Add(time.Second)}, 0},
			{provider.Trace{Key: "p2", Numbers: ns}, 0},
			{provider.Trace{Ref: "po-none"}, 0},
		} {
			f, err := d.Ports.TrackPort(ctxOf(d.T), c.t)
			require.NoError(d, err)
			require.Len(d, f.Value, c.want, "%+v", c.t)
			require.Equal(d, c.want > 0, f.Verdict == provider.Found)
			require.Equal(d, c.want == 0, f.Verdict == provider.Absent)
		}
		f, err := d.Ports.TrackPort(ctxOf(d.T), provider.Trace{})
		require.NoError(d, err)
		require.Equal(d, provider.CannotTell, f.Verdict)

		// Each draft goes on by itself, with the account of its own carrier.
		for i, o := range os {
			r := d.asking("", ns[2*i:2*i+2]...)
			r.Documents = []provider.Ref{d.loa(provider.Key("d" + string(o.Ref[3:])))}
			_, err = d.PortAmend.AmendPort(ctxOf(d.T), provider.Key("a"+string(o.Ref[3:])), o.Ref, r)
			require.NoError(d, err)
			_, err = d.Ports.SubmitPort(ctxOf(d.T), provider.Key("s"+string(o.Ref[3:])), o.Ref)
			require.NoError(d, err)
		}
		d.clk.add(portMax)
		slices.Sort(ns)
		require.Equal(d, ns, d.c.Book().OwnedAt(d.clk.Now()))
	})
	both(t, Config{PortWhole: true}, func(d *desk) {
		require.False(d, d.Traits.PortSplits)
		ns := mixed(d)
		_, err := d.Ports.OpenPort(ctxOf(d.T), d.asking("p1", ns...))
		require.Equal(d, ns[2], fails(d, err, provider.Invalid, provider.NotApplied).Number)
		require.Empty(d, d.c.Book().Events)
	})
}

func TestAPortIsRefusedAsAWhole(t *testing.T) {
	both(t, Config{}, func(d *desk) {
		ns := d.foreign(provider.LineLandline, 2)
		fixed := nanp.MustParse("5012170000")
		for d.c.stays(fixed) == "" {
			fixed, _ = fixed.Next()
		}
		mine := d.find(2)
		d.buy("k1", mine[0])
		_, err := d.Orders.Place(ctxOf(d.T), ordering("k2", mine[1]))
		require.NoError(d, err)
		d.submitted("p0", ns[1])
		events := len(d.c.Book().Events)
		for _, c := range []struct {
			n    nanp.Number
			kind provider.Kind
		}{
			{mine[0], provider.Conflict},
			{mine[1], provider.Conflict}, // on its way by an order
			{ns[1], provider.Conflict},
			{fixed, provider.Invalid},
			{nanp.MustParse("5015550123"), provider.Invalid},
		} {
			_, err = d.Ports.OpenPort(ctxOf(d.T), d.asking("p1", ns[0], c.n))
			require.Equal(d, c.n, fails(d, err, c.kind, provider.NotApplied).Number)
		}
		require.Len(d, d.c.Book().Events, events)
		// And a number in a port is not for sale, whatever the search says.
		o, err := d.Orders.Place(ctxOf(d.T), ordering("k3", ns[1]))
		require.NoError(d, err)
		require.ErrorIs(d, o.Items[0].Err, provider.NumberTaken)
	})
}

func TestBadPortRequests(t *testing.T) {
	both(t, Config{}, func(d *desk) {
		n := d.foreign(provider.LineLandline, 1)[0]
		long := secret.New(string(make([]byte, 257)))
		for name, change := range map[string]func(*provider.PortRequest){
			"key":      func(r *provider.PortRequest) { r.Key = "" },
			"no lines": func(r *provider.PortRequest) { r.Lines = nil },
			"twice":    func(r *provider.PortRequest) { r.Lines = append(r.Lines, r.Lines[0]) },
			"account":  func(r *provider.PortRequest) { r.Account = long },
			"PIN":      func(r *provider.PortRequest) { r.Lines[0].PIN = long },
			"name":     func(r *provider.PortRequest) { r.Name = long },
			"zone":     func(r *provider.PortRequest) { r.Zone = "Middle/Earth" },
			"local":    func(r *provider.PortRequest) { r.Zone = "Local" },
			"date":     func(r *provider.PortRequest) { r.Desired = provider.Date{Year: 2026, Month: 13, Day: 40} },
			"past":     func(r *provider.PortRequest) { r.Desired = provider.Date{Year: 2026, Month: 8, Day: 2} },
			"document": func(r *provider.PortRequest) { r.Documents = []provider.Ref{"pd-none"} },
			"papers":   func(r *provider.PortRequest) { r.Documents = make([]provider.Ref, 101) },
			"option":   func(r *provider.PortRequest) { r.Options = provider.Options{"SiteId": "7"} },
		} {
			r := d.asking("p1", n)
			change(&r)
			_, err := d.Ports.OpenPort(ctxOf(d.T), r)
			e := fails(d, err, provider.Invalid, provider.NotApplied)
			require.NotEmpty(d, e.Fields, name)
		}
		require.Empty(d, d.c.Book().Events)
		for _, err := range []error{
			second(d.Ports.SubmitPort(ctxOf(d.T), "k", "po-none")),
			second(d.Ports.CancelPort(ctxOf(d.T), "k", "po-none", nil)),
			second(d.PortAmend.AmendPort(ctxOf(d.T), "k", "po-none", provider.PortRequest{})),
			second(d.PortNotes.AddPortComment(ctxOf(d.T), "k", "po-none", secret.New("x"))),
			second(d.PortNotes.ListPortComments(ctxOf(d.T), "po-none", provider.Page{})),
			d.PortOuts.AnswerPortOut(ctxOf(d.T), "k", "px-none", true, ""),
			d.c.RejectPort("po-none", provider.Rejection{Code: "unknown"}),
			d.c.MoveFOC("po-none", d.clk.Now()),
		} {
			fails(d, err, provider.NotFound, provider.NotApplied)
		}
		for _, err := range []error{
			second(d.Ports.SubmitPort(ctxOf(d.T), "", "x")),
			second(d.Ports.CancelPort(ctxOf(d.T), "", "x", nil)),
			second(d.Ports.CancelPort(ctxOf(d.T), "k", "x", []nanp.Number{0})),
			second(d.PortAmend.AmendPort(ctxOf(d.T), "", "x", provider.PortRequest{})),
			second(d.PortNotes.AddPortComment(ctxOf(d.T), "k", "x", secret.String{})),
			second(d.PortNotes.ListPortComments(ctxOf(d.T), "x", provider.Page{Limit: -1})),
			second(d.PortOuts.ListPortOuts(ctxOf(d.T), provider.Page{Limit: -1})),
			second(d.PortOuts.ListPortOuts(ctxOf(d.T), provider.Page{Cursor: "1-00"})),
			d.PortOuts.AnswerPortOut(ctxOf(d.T), "k", "x", false, " "),
			d.c.RejectPort("x"),
		} {
			fails(d, err, provider.Invalid, provider.NotApplied)
		}
		require.Empty(d, d.c.Book().Events)
	})
}

func second[T any](_ T, err error) error { return err }

// What the losing carrier refuses comes back as a code of the project, and is put
// right by an amended request.
func TestTheLosingCarrierCompares(t *testing.T) {
	wrong := secret.New("0000")
	for name, c := range map[string]struct {
		line   provider.LineType
		change func(*provider.PortRequest)
		codes  []string // of the order
		items  []int    // reasons of each number
	}{
		"account":          {provider.LineLandline, func(r *provider.PortRequest) { r.Account = wrong }, []string{"account_number_invalid"}, []int{1, 1}},
		"no account there": {provider.LineWireless, func(r *provider.PortRequest) { r.Account = secret.String{} }, []string{"account_number_invalid"}, []int{1, 1}},
		"PIN":              {provider.LineWireless, func(r *provider.PortRequest) { r.Lines[1].PIN = wrong }, []string{"pin_invalid"}, []int{0, 1}},
		"no PIN":           {provider.LineWireless, func(r *provider.PortRequest) { r.Lines[0].PIN = secret.String{} }, []string{"pin_invalid"}, []int{1, 0}},
		"no signer":        {provider.LineTollFree, func(r *provider.PortRequest) { r.Authorized = secret.String{} }, []string{"authorized_signer_mismatch"}, []int{1, 1}},
		"no address":       {provider.LineVoIP, func(r *provider.PortRequest) { r.Service = postal.Civic{} }, []string{"address_mismatch"}, []int{1, 1}},
		"billing number": {provider.LineLandline, func(r *provider.PortRequest) { r.Partial, r.BTN = true, r.Lines[0].Number },
			[]string{"btn_porting_needs_new_btn"}, []int{1, 1}},
		"all": {provider.LineWireless, func(r *provider.PortRequest) {
			r.Account, r.Lines[0].PIN, r.Authorized, r.Service = wrong, wrong, secret.String{}, postal.Civic{}
		}, []string{"account_number_invalid", "authorized_signer_mismatch", "address_mismatch", "pin_invalid"}, []int{4, 3}},
		"no account needed": {provider.LineLandline, func(r *provider.PortRequest) { r.Account = secret.String{} }, nil, nil},
		"no PIN needed":     {provider.LineVoIP, func(r *provider.PortRequest) { r.Lines[0].PIN = wrong }, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			both(t, Config{}, func(d *desk) {
				ns := d.foreign(c.line, 2)
				r := d.asking("p1", ns...)
				r.Documents = []provider.Ref{d.loa("d1")}
				c.change(&r)
				os, err := d.Ports.OpenPort(ctxOf(d.T), r)
				require.NoError(d, err)
				_, err = d.Ports.SubmitPort(ctxOf(d.T), "s1", os[0].Ref)
				require.NoError(d, err)
				if c.codes == nil {
					require.Empty(d, d.until(os[0].Ref, provider.PortFOC).Reasons)
					return
				}
				require.Empty(d, d.until(os[0].Ref, provider.PortAcknowledged).Reasons)
				o := d.until(os[0].Ref, provider.PortRejected)
				var codes []string
				for _, x := range o.Reasons {
					codes = append(codes, x.Code)
					require.NotEmpty(d, x.Carrier)
					require.NotEmpty(d, x.Text)
				}
				require.Equal(d, c.codes, codes)
				for i, it := range o.Items {
					require.Equal(d, provider.PortRejected, it.State)
					require.Len(d, it.Reasons, c.items[i])
				}
				d.clk.add(portMax)
				require.Equal(d, provider.PortRejected, d.port(o.Ref).State, "it waits for us")

				o, err = d.PortAmend.AmendPort(ctxOf(d.T), "a1", o.Ref, d.asking("", ns...))
				require.NoError(d, err)
				require.Equal(d, provider.PortChecking, o.State)
				require.Empty(d, o.Reasons)
				o, err = d.Ports.SubmitPort(ctxOf(d.T), "s2", o.Ref) // where a carrier wants that
				require.NoError(d, err)
				require.Equal(d, provider.PortChecking, o.State)
				d.until(o.Ref, provider.PortDone)
				require.Equal(d, ns, d.c.Book().OwnedAt(d.clk.Now()))
			})
		})
	}
}

func TestAmendingKeepsWhatIsNotSaid(t *testing.T) {
	both(t, Config{}, func(d *desk) {
		ns := d.foreign(provider.LineWireless, 2)
		r := d.asking("p1", ns...)
		r.Desired = provider.Date{Year: 2026, Month: 8, Day: 20}
		r.Lines[0].PIN = secret.New("0000")
		r.Documents = []provider.Ref{d.loa("d1")}
		os, err := d.Ports.OpenPort(ctxOf(d.T), r)
		require.NoError(d, err)
		v := d.asking("", ns...)
		v.Lines = nil
		o, err := d.PortAmend.AmendPort(ctxOf(d.T), "a1", os[0].Ref, v)
		require.NoError(d, err)
		require.Equal(d, provider.PortDraft, o.State)
		require.Equal(d, r.Desired, o.Requested)
		v = d.asking("", ns[0])
		_, err = d.PortAmend.AmendPort(ctxOf(d.T), "a2", o.Ref, v)
		fails(d, err, provider.Invalid, provider.NotApplied)
		_, err = d.Ports.SubmitPort(ctxOf(d.T), "s1", o.Ref)
		require.NoError(d, err)
		o = d.until(o.Ref, provider.PortRejected)
		require.Equal(d, "pin_invalid", o.Reasons[0].Code, "no lines: the PINs from before")
		require.Len(d, o.Reasons, 1)
		_, err = d.PortAmend.AmendPort(ctxOf(d.T), "a3", o.Ref, d.asking("", ns...))
		require.NoError(d, err)
		_, err = d.PortAmend.AmendPort(ctxOf(d.T), "a4", o.Ref, d.asking("", ns...))
		fails(d, err, provider.Conflict, provider.NotApplied)
		d.until(o.Ref, provider.PortDone)
	})
}
