package bandwidth

import (
	"strings"
	"unicode"

	"github.com/numberdesk/numberdesk/provider"
)

// rejections are the codes of refused ports by the project's own. After the slash
// is the losing carrier's own code (local: E.., wireless: two characters), which
// the words of an error hold; * is any.
var rejections = map[string][]string{
	"name_mismatch":                    {"7429/E10", "7404/8G", "7414/8E", "7422/8F"},
	"authorized_signer_mismatch":       {"7473/E10a"},
	"address_mismatch":                 {"7402/E1"},
	"zip_mismatch":                     {"7402/8D", "7514", "7515"},
	"all_data_mismatch":                {"7519"},
	"account_number_invalid":           {"7401/E17A", "7401/E17B", "7401/8A", "7510", "7511"},
	"pin_invalid":                      {"7435/E42PWA", "7435/E42PWB", "7435/8C", "7512", "7513"},
	"tax_id_required":                  {"7443/8B"},
	"btn_invalid":                      {"7445/E14", "7203", "7204"},
	"btn_porting_needs_new_btn":        {"7434/E6h"},
	"migration_indicator_wrong":        {"7434/E24"},
	"pending_order":                    {"7407/E19", "7407/6M", "7407/6N", "7205"},
	"number_not_active":                {"7409/E27", "7426/6D", "7378", "7518"},
	"number_not_on_account":            {"7409/E30", "7427/6A", "7516"},
	"number_not_portable":              {"7403/6K", "7470/E42O", "7420/7B", "6113", "6154"},
	"rate_center_unsupported":          {"7331", "6155", "6156", "6157"},
	"port_protection":                  {"7416/E6d", "7425/6P", "7520"},
	"special_feature_dsl":              {"7411/E25"},
	"special_feature_distinctive_ring": {"7410/E6a"},
	"special_feature_hunt_group":       {"7419/E6b"},
	"special_feature_centrex":          {"7406/E6c"},
	"special_feature_isdn":             {"7421/E6f"},
	"special_feature_fx":               {"7415/E6e"},
	"special_feature_rcf":              {"7437/E6g"},
	"loa_missing_or_invalid":           {"7424/E8", "6114"},
	"csr_required":                     {"7408/6C"},
	"due_date_unavailable":             {"7412/*", "7439/1M", "7209"},
	"outside_business_hours":           {"7438/6L"},
	"foc_expired":                      {"7327"},
	"sv_failure":                       {"7351"},
	"losing_carrier_unresponsive":      {"7442/1B", "7444/6H", "7418/6J"},
	"order_split_required":             {"7363", "7386", "7485/E9999", "7405/6R"},
	"internal_port":                    {"7431/E40", "7441/6B", "7320"},
	"customer_not_ready":               {"7413/1E"},
	"prepaid":                          {"7436/7C"},
	"tollfree_spare_or_unavailable":    {"7620", "7621", "7622", "7627", "7642", "7643"},
	"tollfree_manual_only":             {"7654", "7655"},
	"data_missing":                     {"7471/E18"},
	"unknown":                          {"7417/999"},
}

// rejectionOf turns the table around: code, then the losing carrier's code, ""
// where there is none or any.
var rejectionOf = func() map[string]map[string]string {
	out := make(map[string]map[string]string)
	for ours, theirs := range rejections {
		for _, t := range theirs {
			code, detail, _ := strings.Cut(t, "/")
			if out[code] == nil {
				out[code] = make(map[string]string)
			}
			out[code][strings.ToUpper(strings.TrimSuffix(detail, "*"))] = ours
		}
	}
	return out
}()

// rejection reads why a port was refused. Where one code has several meanings, the
// losing carrier's own code in the words of the error decides; without it the code
// stays as the carrier said it.
func rejection(p problem) provider.Rejection {
	r := provider.Rejection{Carrier: p.code}
	if m, ok := meaningOf(portins, p.code); ok {
		r.Text = m.text
	}
	of := rejectionOf[p.code]
	for _, w := range strings.FieldsFunc(p.words, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) }) {
		if ours := of[strings.ToUpper(w)]; ours != "" {
			r.Code, r.Carrier = ours, p.code+"/"+w
			return r
		}
	}
	if ours := of[""]; ours != "" {
		r.Code = ours
	} else if len(of) == 1 {
		for _, ours := range of {
			r.Code = ours
		}
	}
	return r
}
