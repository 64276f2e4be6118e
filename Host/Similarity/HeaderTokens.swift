/// The words of a column's name.
public enum HeaderTokens {
    /// The lower-case words of a header, in order: `givenNameLabel` gives given, name, label.
    ///
    /// Words end at anything that is neither letter, mark nor digit, where a small letter is followed by a capital,
    /// where capitals are followed by a capitalised word (`URLPath`: url, path), and between letters and digits
    /// (`line2`: line, 2). A plural of capitals stays whole (`userIDs`: user, ids). Letters of every script are kept.
    public static func tokens(of header: String) -> [String] {
        let scalars = Array(header.unicodeScalars)
        let classes = scalars.map(Class.init)
        var tokens: [String] = []
        var word = String.UnicodeScalarView()
        for (position, scalar) in scalars.enumerated() {
            if classes[position] == .separator || isStart(position, classes, scalars) {
                if !word.isEmpty { tokens.append(String(word).lowercased()) }
                word = String.UnicodeScalarView()
            }
            if classes[position] != .separator { word.append(scalar) }
        }
        if !word.isEmpty { tokens.append(String(word).lowercased()) }
        return tokens
    }

    /// Tokens with the usual abbreviations of headers written out: fname gives first, name; id stays as it is.
    ///
    /// Synonyms (`zip` and postal code) are not abbreviations and are left to the domain catalog.
    public static func expanded(_ tokens: [String]) -> [String] {
        tokens.flatMap { abbreviations[$0] ?? [$0] }
    }

    /// The abbreviations that `expanded` knows, each with the words it stands for.
    public static let abbreviations: [String: [String]] = [
        "acc": ["account"], "acct": ["account"], "addr": ["address"], "adr": ["address"], "agt": ["agent"],
        "amt": ["amount"], "approx": ["approximate"], "appt": ["appointment"], "attr": ["attribute"],
        "avg": ["average"], "bal": ["balance"], "bday": ["birth", "date"], "bdate": ["birth", "date"],
        "birthdate": ["birth", "date"], "birthday": ["birth", "date"], "bldg": ["building"],
        "cd": ["code"], "cnt": ["count"], "cntry": ["country"], "corp": ["corporation"],
        "ctry": ["country"], "cty": ["city"], "curr": ["currency"], "cust": ["customer"], "dept": ["department"],
        "desc": ["description"], "descr": ["description"], "dest": ["destination"], "diff": ["difference"],
        "dob": ["date", "birth"], "dt": ["date"], "emp": ["employee"], "fk": ["foreign", "key"],
        "firstname": ["first", "name"], "fname": ["first", "name"], "forename": ["first", "name"],
        "freq": ["frequency"], "fullname": ["full", "name"], "grp": ["group"], "hh": ["household"],
        "img": ["image"], "inv": ["invoice"], "lang": ["language"], "lastname": ["last", "name"],
        "lat": ["latitude"], "lname": ["last", "name"], "lng": ["longitude"], "loc": ["location"],
        "lon": ["longitude"], "max": ["maximum"], "mgr": ["manager"], "middlename": ["middle", "name"],
        "min": ["minimum"], "mname": ["middle", "name"], "mob": ["mobile"], "msg": ["message"], "nbr": ["number"],
        "nm": ["name"], "no": ["number"], "num": ["number"], "nr": ["number"], "ord": ["order"],
        "org": ["organization"], "orig": ["original"], "pct": ["percent"], "perc": ["percent"], "ph": ["phone"],
        "phonenumber": ["phone", "number"], "pk": ["primary", "key"], "prod": ["product"], "pwd": ["password"],
        "qty": ["quantity"], "ref": ["reference"], "req": ["request"], "seq": ["sequence"],
        "shpmt": ["shipment"], "src": ["source"], "std": ["standard"],
        "surname": ["last", "name"], "sz": ["size"], "tel": ["phone"], "telephone": ["phone"], "temp": ["temperature"],
        "tot": ["total"], "ts": ["timestamp"], "txn": ["transaction"], "typ": ["type"], "uname": ["user", "name"],
        "upd": ["updated"], "username": ["user", "name"], "usr": ["user"], "val": ["value"], "vol": ["volume"],
        "wgt": ["weight"], "wt": ["weight"], "yr": ["year"],
    ]

    private enum Class {
        case lower, upper, letter, digit, mark, separator

        init(_ scalar: Unicode.Scalar) {
            switch scalar.properties.generalCategory {
            case .uppercaseLetter, .titlecaseLetter: self = .upper
            case .lowercaseLetter: self = .lower
            case .modifierLetter, .otherLetter, .letterNumber: self = .letter
            case .nonspacingMark, .spacingMark, .enclosingMark: self = .mark
            case .decimalNumber, .otherNumber: self = .digit
            default: self = .separator
            }
        }
    }

    /// Whether a word begins at `position`, which holds no separator.
    private static func isStart(_ position: Int, _ classes: [Class], _ scalars: [Unicode.Scalar]) -> Bool {
        // A mark belongs to the character before it.
        var last = position - 1
        while last >= 0 && classes[last] == .mark { last -= 1 }
        guard last >= 0 else { return false }
        switch (classes[last], classes[position]) {
        case (_, .mark): return false
        case (.digit, .digit): return false
        case (.digit, _), (_, .digit): return true
        case (.lower, .upper), (.letter, .upper): return true
        case (.upper, .upper):
            var next = position + 1
            while next < classes.count && classes[next] == .mark { next += 1 }
            guard next < classes.count, classes[next] == .lower else { return false }
            return !isPluralEnd(next, classes, scalars)
        default: return false
        }
    }

    /// Whether the letter at `position` is the s that ends a plural of capitals, as in `IDs`.
    private static func isPluralEnd(_ position: Int, _ classes: [Class], _ scalars: [Unicode.Scalar]) -> Bool {
        guard scalars[position] == "s" else { return false }
        return position + 1 == classes.count || classes[position + 1] != .lower && classes[position + 1] != .mark
    }
}
