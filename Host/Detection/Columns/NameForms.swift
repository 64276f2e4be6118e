/// Names of persons and of organisations as whole values.
struct NameForms: Sendable {
    let lexicon: any ColumnLexicon

    /// 0 to 1: how sure the value is a person's whole name.
    func person(_ text: ColumnText) -> Double {
        guard !text.contains(0x40) else { return 0 }
        var tokens: [ColumnText.Token] = []
        var isRemark = false
        for token in text.tokens {
            // What stands in brackets is a remark, and behind a semicolon or a line's end another person.
            if token.previous == 0x28 { isRemark = true }
            if !isRemark, !Self.titles.contains(token.text) {
                guard token.kind == .word else { return 0 }
                tokens.append(token)
            }
            if token.next == 0x29 { isRemark = false }
            if token.next == 0x3B || token.next == 0x0A || token.next == 0x0D { break }
        }
        guard (1...8).contains(tokens.count), organization(text) == 0 else { return 0 }
        if tokens.contains(where: { Self.facilities.contains($0.text) && !isName($0.text) }) { return 0 }
        let full = tokens.filter { !$0.isInitial && !Self.particles.contains($0.text) }
        guard !full.isEmpty else { return 0 }
        let given = full.count { lexicon.isGivenName($0.text) }
        let family = full.count { lexicon.isSurname($0.text) }
        let both = full.count { lexicon.isGivenName($0.text) || lexicon.isSurname($0.text) }
        let strange = full.count - both
        let ordinary = full.count { isOrdinary($0.text) }
        let soft = full.count { Self.facilities.contains($0.text) }
        if tokens.count == 1 {
            guard both == 1 else { return 0 }
            return isOrdinary(full[0].text) || soft > 0 ? 0.2 : given > 0 ? 0.5 : 0.35
        }
        if text.words.contains(where: Self.glue.contains) { return 0.1 }
        if ordinary > 0, ordinary >= full.count - ordinary { return 0.1 }
        if soft > 0, !isComma(tokens) { return 0.25 }
        if both == 0 { return 0 }
        if full.count == 1 { return tokens.count == 2 ? 0.7 : 0.6 }
        if lexicon.isPlace(full.map(\.text).joined(separator: " ")) { return 0.3 }
        var score = given > 0 ? 0.75 : 0.45
        if given > 0, family > 0, both >= 2 { score += 0.15 }
        if isComma(tokens) { score += 0.1 }
        if tokens.contains(where: \.isInitial) { score += 0.05 }
        score -= 0.3 * Double(strange) / Double(full.count)
        score -= 0.35 * Double(ordinary) / Double(full.count)
        return max(0, min(1, score))
    }

    /// Whether the value is one part of a person's name: a name or two, or an initial.
    func isPart(_ text: ColumnText) -> Bool {
        guard (1...4).contains(text.tokens.count), organization(text) == 0 else { return false }
        return text.tokens.contains { isName($0.text) || $0.isInitial }
    }

    func isGiven(_ text: ColumnText) -> Bool {
        isBare(text) && lexicon.isGivenName(text.tokens[0].text)
    }

    func isFamily(_ text: ColumnText) -> Bool {
        isBare(text) && text.tokens.contains { lexicon.isSurname($0.text) }
    }

    /// One to three words, the first no ordinary one and longer than a code.
    private func isBare(_ text: ColumnText) -> Bool {
        (1...3).contains(text.tokens.count) && text.tokens.allSatisfy(\.isWord) && text.tokens[0].text.utf8.count >= 3
            && !lexicon.isOrdinaryWord(text.tokens[0].text)
    }

    /// 0, or how sure the value names an organisation.
    func organization(_ text: ColumnText) -> Double {
        let words = text.tokens
        for (place, token) in words.enumerated() {
            if Self.legalForms.contains(token.text), place > 0 || words.count == 1 { return 1 }
            if Self.trades.contains(token.text) { return 0.8 }
        }
        // `S.A.`, `L.L.C.`, `E.S.P.` are cut into letters.
        let joined = words.suffix(4).filter { $0.text.utf8.count <= 2 }.map(\.text).joined()
        for form in ["llc", "lp", "llp", "sas", "sa", "esp", "ese", "ltda"]
        where joined.hasSuffix(form) && words.count > form.utf8.count {
            return 0.9
        }
        if let first = words.first, Self.heads.contains(first.text) { return 0.8 }
        return 0
    }

    private func isName(_ word: String) -> Bool { lexicon.isGivenName(word) || lexicon.isSurname(word) }

    private func isOrdinary(_ word: String) -> Bool { lexicon.isOrdinaryWord(word) && !lexicon.isGivenName(word) }

    private func isComma(_ tokens: [ColumnText.Token]) -> Bool { tokens.prefix(3).contains { $0.next == 0x2C } }

    private static let titles = HeaderVocabulary.list(
        """
        mr mrs ms miss mx dr prof professor sir dame rev reverend hon honorable sen rep jr sr ii iii iv md phd dds dmd rn do esq
        cpa jd np pa lcsw lmft lpc dc od dvm facs mba pe aia ph d m capt captain lt sgt chief judge fr father sister bro ing
        dra sra srta sr don dona abogado abog msc bsc bs ba ma ms edd psyd pharmd aprn crnp arnp fnp dpm obe mbe et al
        """)
    private static let particles = HeaderVocabulary.list(
        "de la del los las van von der den di da do dos das le du el al bin ibn ben san y e and st mc")
    private static let glue = HeaderVocabulary.list(
        "the for with from on in by at to is are was were not or para por con this that all no")

    private static let legalForms = HeaderVocabulary.list(
        """
        llc inc incorporated corp corporation co company companies ltd limited lp llp lllp pllc plc pc gmbh ag kg ohg mbh sas
        ltda srl spa bv nv oy ab asa pty pvt cia sa esp eps ips ese eu llcs incorp corpo
        """)
    private static let heads = HeaderVocabulary.list(
        """
        alcaldia gobernacion municipio ministerio secretaria universidad instituto junta acueducto sociedad compania fundacion
        corporacion asociacion cooperativa institucion colegio escuela hospital clinica centro empresa empresas hogar jardin
        departamento unidad consorcio union iglesia parroquia personeria contraloria ese the city town village state board office bureau national
        """)
    private static let trades = HeaderVocabulary.list(
        """
        bank trust trustee trustees estate estates church ministries ministry school schools university college hospital center
        centre association assoc assn assoc. society club foundation fund group groups service services solutions enterprises
        enterprise holdings holding properties property partners partnership investments investment ventures venture systems
        technologies technology department dept authority commission committee council agency office bureau institute restaurant
        cafe shop market markets hotel motel inn apartments apartment condominium condominiums homeowners insurance construction
        contracting contractors contractor electric electrical plumbing roofing landscaping trucking transport transportation
        logistics realty development developers builders industries industry international management consulting consultants
        design designs studio studios salon clinic medical dental healthcare pharmacy academy daycare preschool energy resources
        exploration petroleum auto automotive motors tire repair cleaners laundry pizza grill deli bakery foods wine brewery
        liquor lounge tavern restaurants catering kitchen entertainment productions media communications networks security
        supply supplies products equipment manufacturing rentals rental leasing lease storage wholesale retail distributors
        imports exports trading capital financial finance mortgage credit loans associates attorneys legal law cpa accounting
        tax travel tours airlines aviation marine boats charters farms ranch dairy vineyards vineyard winery nursery gardeners
        county township borough district federal state states united national american municipal public hoa pto ymca church
        chapel temple mosque synagogue diocese alliance coalition federation league union local lodge post aerie chapter team
        committee campaign friends citizens pac party republican democratic democrat program project network express outlet
        store stores mart depot plaza mall towers tower suites resort spa fitness gym yoga dance theatre theater museum gallery
        fundacion corporacion asociacion cooperativa institucion colegio clinica empresa servicios grupo comercializadora
        distribuidora inversiones constructora ferreteria drogueria farmacia supermercado restaurante tienda almacen taller
        variedades panaderia peluqueria transportes ingenieria soluciones tecnologia consultores asesores laboratorio iglesia
        """)
    /// Words of places and works that family names may be as well.
    private static let facilities = HeaderVocabulary.list(
        """
        park parks playground library street avenue road drive lane boulevard river lake creek bridge station building hall garden
        gardens cemetery beach trail field fields pool fountain monument memorial island mountain forest valley heights hills hill
        bay harbor court square house home homes village town city grove woods ridge point springs falls canyon mesa vista campus
        elementary middle high north south east west central upper lower new old great grand first second third day night health
        community recreation sports stadium arena farm mill mine spring summer winter unit area zone region sector barrio vereda
        """)
}
