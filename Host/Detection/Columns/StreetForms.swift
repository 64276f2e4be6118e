/// Street addresses as whole values.
enum StreetForms {
    enum Form {
        case none
        /// A house and a street, or a post box.
        case house
        /// A number and words that may be a street: `915 Franklin #9F`.
        case bare
        /// `Apt 3`, `Suite 200`, `#12`.
        case unit
        /// A street without a house.
        case street
        /// Two streets, or a stretch of one.
        case crossing
    }

    static func form(_ text: ColumnText) -> Form {
        var tokens = text.tokens[...]
        guard !tokens.isEmpty else { return .none }
        if let inner = objectAddress(text) { return inner ? .house : .none }
        // `Edificio Inteligente, …`, `C/O SMITH`: what goes before is passed over, in bounds.
        if tokens.count >= 3, tokens.first?.text == "c", tokens.dropFirst().first?.text == "o" {
            tokens = tokens.dropFirst(2)
        }
        if isBox(tokens) { return .house }
        if let latin = latinForm(Array(tokens)) { return latin }
        let list = Array(tokens)
        // `2nd floor`, `1st, 2nd & 4th Floor`.
        if list[0].isOrdinal, list.dropFirst().contains(where: { ["floor", "fl", "flr", "level"].contains($0.text) }) {
            return .unit
        }
        if let house = house(list, text) { return house }
        if let german = germanForm(list) { return german }
        if let first = list.first, units.contains(first.text) || (text.bytes.first == 0x23 && list.count <= 3) {
            return .unit
        }
        let hasMarker = list.dropFirst().contains { markers.contains($0.text) && !$0.beginsWithDigit }
        if hasMarker, isCrossing(list, text) { return .crossing }
        if hasMarker { return .street }
        return .none
    }

    /// A Socrata location: `{"human_address": "{\"address\": \"1 MAIN ST\", …"}`; nil when the value is none.
    private static func objectAddress(_ text: ColumnText) -> Bool? {
        guard text.bytes.first == 0x7B || text.bytes.first == 0x5B,
            let place = text.tokens.firstIndex(where: { $0.text == "address" })
        else { return nil }
        guard place + 1 < text.tokens.count else { return false }
        return text.tokens[place + 1].beginsWithDigit
    }

    // MARK: Box and unit

    private static let units = HeaderVocabulary.list(
        """
        apt apts apartment unit ste suite suites room rm floor fl flr bldg building lot trlr trailer dept apto apartamento
        oficina ofic piso interior torre bloque attn space spc po mailstop bay hangar level
        """)

    private static func isBox(_ tokens: ArraySlice<ColumnText.Token>) -> Bool {
        let texts = tokens.prefix(6).map(\.text)
        guard texts.count >= 2 else { return false }
        let joined = texts.joined(separator: " ")
        if joined.hasPrefix("p o box") || joined.hasPrefix("po box") || joined.hasPrefix("pobox")
            || joined.hasPrefix("post office box") || joined.hasPrefix("apartado") || joined.hasPrefix("p o b")
            || joined.hasPrefix("p o drawer") || joined.hasPrefix("po drawer") || joined.hasPrefix("boite postale")
            || joined.hasPrefix("postfach") || joined.hasPrefix("p 0 box")
        {
            return true
        }
        if texts[0] == "box" { return tokens.dropFirst().first?.beginsWithDigit == true }
        // Rural routes.
        return ["rr", "hc", "rural", "hcr", "star"].contains(texts[0])
            && tokens.dropFirst().first.map { $0.beginsWithDigit || $0.text == "route" } == true
    }

    // MARK: English and French: the number first

    static let markers = HeaderVocabulary.list(
        """
        st street str ave av aven avenue avenues rd road rds blvd bl boulevard dr drive ln lane ct court crt cir circle hwy
        highway hiway pkwy pky parkway way pl place ter terr terrace trl trail trails sq square plz plaza loop run pike
        tpke turnpike tnpk expy expressway expwy fwy freeway xing crossing cv cove aly alley row route rt rte fm broadway bend
        path walk mall pt point ridge rdg hl hill hills vw view bluff gln glen mews crescent cres close gate grove gardens
        quay commons esplanade bypass spur frontage concourse junction pass trace hollow landing isle bowery heights hts green
        bridge center ctr centre terminal county cr us sh ih ranch rue allee chemin impasse cours quai promenade strand
        extension ext gardens landing manor mill mission narrows orchard oval parade park plateau prairie ramp rise shore
        shores springs station summit vista wharf wood woods crossroad crossroads causeway circuit common knoll lk lake
        meadow meadows mdws mount mtn valley village viaduct wynd byway arcade
        """)

    private static let directions: Set<String> = [
        "n", "s", "e", "w", "ne", "nw", "se", "sw", "north", "south", "east", "west", "northeast", "northwest",
        "southeast",
        "southwest",
    ]
    /// What a number in front of a word may count.
    private static let counted = HeaderVocabulary.list(
        """
        year years yr yrs month months mo mos week weeks day days hour hours hr hrs min mins minute minutes sec seconds
        percent pct ft feet foot in inch inches mi mile miles km kms meter meters metre metres cm mm kg kgs lb lbs oz mg ml g
        gal gallon gallons ton tons kw kwh mwh mw watts watt volt volts acres acre ha units people persons students beds
        rooms bedrooms items pieces pcs times stars points cents dollars usd million billion thousand pm am anos meses dias
        horas and or to of per x gb mb tb mph dba hz khz mhz story stories family car cars
        """)

    private static func isHouseNumber(_ token: ColumnText.Token) -> Bool {
        guard token.beginsWithDigit, !token.isOrdinal, token.text.utf8.count <= 7 else { return false }
        if token.isNumber { return token.next != 0x2F || token.text.utf8.count <= 4 }
        // `12b`, `10a`.
        return token.text.dropFirst().drop { $0.isNumber }.count <= 2
    }

    private static func house(_ tokens: [ColumnText.Token], _ text: ColumnText) -> Form? {
        var starts = [0]
        // `JFK Federal Building, 15 New Sudbury Street`: behind a comma or a line's end.
        for place in tokens.indices.dropLast() where place < 12 {
            if [0x2C, 0x0A, 0x0D, 0x3A, 0x2D, 0x28].contains(tokens[place].next) || place < 6 {
                starts.append(place + 1)
            }
        }
        for start in starts {
            guard let form = house(at: start, tokens, text) else { continue }
            if start == 0 { return form }
            // Further in only a whole form counts, and in no sentence.
            if form == .house, tokens.count <= 16 { return .house }
        }
        return nil
    }

    private static func house(at start: Int, _ tokens: [ColumnText.Token], _ text: ColumnText) -> Form? {
        var at = start
        guard at < tokens.count, isHouseNumber(tokens[at]) else { return nil }
        // A decimal, a time or a date is no house's number.
        if tokens[at].next == 0x2E || tokens[at].next == 0x3A || tokens[at].next == 0x25 { return nil }
        if start > 0, [0x2E, 0x24, 0x3A, 0x27].contains(tokens[at].previous) { return nil }
        at += 1
        // `440-444`, `186-18`, `515 28 3/4`, `1200 BLK`.
        while at < tokens.count, at < start + 4,
            (tokens[at].isNumber && tokens[at].previous != 0x20) || ["blk", "block", "half"].contains(tokens[at].text)
        {
            at += 1
        }
        guard at < tokens.count else { return nil }
        if counted.contains(tokens[at].text), !markers.contains(tokens[at].text) { return nil }
        let rest = tokens[at...].prefix(8)
        // An ordinal street needs no name: `118 2nd`.
        let words = rest.filter { $0.isWord || $0.isOrdinal }
        guard !words.isEmpty, words.contains(where: { $0.text.utf8.count > 1 }) || rest.count > 1 else { return nil }
        for (place, token) in rest.enumerated()
        where markers.contains(token.text) && (place > 0 || rest.count > 1 || token.text == "broadway") {
            return .house
        }
        if rest.contains(where: \.isOrdinal), directions.contains(rest.first?.text ?? "") { return .house }
        guard start == 0, rest.count <= 6 else { return nil }
        let isDirected = directions.contains(rest.first?.text ?? "") && rest.count > 1
        return isDirected || rest.first?.isWord == true || rest.first?.isOrdinal == true ? .bare : nil
    }

    private static func isCrossing(_ tokens: [ColumnText.Token], _ text: ColumnText) -> Bool {
        text.contains(0x26) || text.contains(0x2F) || text.contains(0x40)
            || tokens.contains { ["and", "at", "between", "from", "near", "btwn", "to", "of"].contains($0.text) }
    }

    // MARK: Spanish, Portuguese, Italian: the kind of street first

    private static let latinMarkers = HeaderVocabulary.list(
        """
        calle cl cll clle cle c carrera carr cra cr kr kra k cr crr karrera avenida av avda avd ak ac diagonal diag dg
        transversal transv trv tv tr trans autopista aut circular circ callejon pasaje paseo via rua travessa alameda estrada
        rodovia viale piazza corso vicolo largo strada praca calzada boulevard blvd cii cra. call cs
        """)
    private static let latinBlocks = HeaderVocabulary.list("manzana mz mza km kilometro kilometros lote casa")

    private static func latinForm(_ tokens: [ColumnText.Token]) -> Form? {
        guard
            let place = tokens.prefix(6).firstIndex(where: {
                latinMarkers.contains(glue($0)) || latinBlocks.contains($0.text)
            })
        else { return nil }
        let marker = tokens[place]
        let tail = tokens[(place + 1)...].prefix(8)
        let numbers = tail.filter(\.beginsWithDigit).count + (marker.kind == .mixed ? 1 : 0)
        let hasSign =
            tail.contains { ["no", "nro", "num", "numero", "n"].contains($0.text) }
            || tail.contains { $0.previous == 0x23 }
        if latinBlocks.contains(marker.text) {
            return numbers >= 1 && tail.count >= 1 && (place == 0 || numbers >= 2) ? .house : nil
        }
        // The short ones stand in English texts too: they need two numbers.
        let isShort = marker.text.utf8.count <= 2
        if isShort, place > 0, numbers < 3 { return nil }
        if isShort, place == 0, tokens.count < 3 { return nil }
        if tail.contains(where: { ["con", "entre"].contains($0.text) }), !hasSign, numbers <= 4 { return .crossing }
        // `Calle 72 Cra 28`: the second street has no house either.
        if let second = tail.firstIndex(where: { latinMarkers.contains(glue($0)) && ($0.isWord || $0.kind == .mixed) }),
            !hasSign,
            tail.prefix(upTo: second).contains(where: \.beginsWithDigit) || marker.kind == .mixed
        {
            let behind = tail[(second + 1)...].filter(\.beginsWithDigit).count + (tail[second].kind == .mixed ? 1 : 0)
            if behind < 2, numbers - behind < 2 { return .crossing }
        }
        if numbers >= 2 || (numbers == 1 && hasSign) { return .house }
        // `Via Roma 12`, `Rua Augusta, 1500`: a name and then a number.
        if !isShort, numbers == 1, tail.first?.isWord == true, tail.dropFirst().contains(where: \.beginsWithDigit) {
            return .house
        }
        return isShort || place > 0 ? nil : .street
    }

    /// `kr24a`, `cl12`: the marker of a token that goes on with a number.
    private static func glue(_ token: ColumnText.Token) -> String {
        token.kind == .mixed ? String(token.text.prefix { $0.isLetter }) : token.text
    }

    // MARK: German, Dutch: the kind at the end of the name

    private static let germanEnds = [
        "strasse", "str", "weg", "platz", "allee", "gasse", "damm", "ufer", "straat", "laan", "plein",
    ]

    private static func germanForm(_ tokens: [ColumnText.Token]) -> Form? {
        guard
            let place = tokens.prefix(4).firstIndex(where: { token in
                token.isWord && token.text.utf8.count >= 6 && germanEnds.contains { token.text.hasSuffix($0) }
            })
        else { return nil }
        guard place + 1 < tokens.count else { return .street }
        return tokens[place + 1].beginsWithDigit ? .house : .street
    }
}
