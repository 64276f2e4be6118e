import Similarity
import Testing

@Suite struct `Header tokens` {
    @Test(
        arguments: [
            ("givenNameLabel", ["given", "name", "label"]), ("first_name", ["first", "name"]),
            ("URLPath", ["url", "path"]), ("HTTPServerID", ["http", "server", "id"]), ("userIDs", ["user", "ids"]),
            ("PDFsCount", ["pdfs", "count"]), ("address line2", ["address", "line", "2"]), ("col_17", ["col", "17"]),
            ("x1y", ["x", "1", "y"]), ("SCREAMING_SNAKE", ["screaming", "snake"]), ("kebab-case", ["kebab", "case"]),
            ("ÄnderungsDatum", ["änderungs", "datum"]), ("größe", ["größe"]), ("имяФайла", ["имя", "файла"]),
            ("名前", ["名前"]), ("e\u{301}taA", ["e\u{301}ta", "a"]), ("  __  ", []), ("", []), ("VAT%", ["vat"]),
            ("customer.id", ["customer", "id"]), ("iPhone", ["i", "phone"]), ("Id", ["id"]), ("ID", ["id"]),
            ("ABs", ["abs"]), ("As", ["as"]), ("USState", ["us", "state"]),
        ])
    func `split where a reader would`(_ header: String, _ tokens: [String]) {
        #expect(HeaderTokens.tokens(of: header) == tokens)
    }

    @Test(
        arguments: [
            (["fname"], ["first", "name"]), (["lname"], ["last", "name"]), (["dob"], ["date", "birth"]),
            (["cust", "addr"], ["customer", "address"]), (["tel", "no"], ["phone", "number"]), (["ph"], ["phone"]),
            (["num"], ["number"]), (["nbr"], ["number"]), (["qty"], ["quantity"]), (["amt"], ["amount"]),
            (["desc"], ["description"]), (["id"], ["id"]), (["zip"], ["zip"]),
        ])
    func `write abbreviations out`(_ tokens: [String], _ expanded: [String]) {
        #expect(HeaderTokens.expanded(tokens) == expanded)
    }

    @Test func `An expansion holds no abbreviation again`() {
        for words in HeaderTokens.abbreviations.values { #expect(HeaderTokens.expanded(words) == words) }
    }
}

@Suite struct `Header similarity` {
    @Test(
        arguments: [
            ("first_name", "firstName"), ("fname", "First Name"), ("FIRSTNAME", "first-name"),
            ("custAddr", "customer address"),
            ("tel_no", "PhoneNumber"), ("名前", "名前"), ("%", "%"),
        ])
    func `is 1 for the same words`(_ a: String, _ b: String) {
        #expect(headerSimilarity(a, b) == 1)
    }

    @Test(
        arguments: [("street", "amount"), ("address_1", "2"), ("col1", "col2x9"), ("%", "#"), ("", "a"), ("id", "%")])
    func `is low for other things`(_ a: String, _ b: String) {
        #expect(headerSimilarity(a, b) < 0.6)
    }

    @Test func `prefers the right partner`() {
        #expect(headerSimilarity("givenName", "given_name_label") > headerSimilarity("givenName", "family_name_label"))
        #expect(headerSimilarity("address_1", "addr1") > headerSimilarity("address_1", "addr2"))
        #expect(headerSimilarity("order_date", "orderDt") > headerSimilarity("order_date", "ship_date"))
        #expect(headerSimilarity("adress", "address") > 0.9)
    }

    @Test func `is the same in both directions and within 0…1`() {
        let headers = [
            "first_name", "fname", "lastName", "DOB", "date of birth", "addr1", "address_line_2", "", "%", "zip",
            "ZipCode",
            "cust_no", "customerNumber", "amount", "amt_usd", "名前", "e\u{301}t\u{e9}", "x", "xx", "aab", "aba",
        ]
        for a in headers {
            for b in headers {
                let similarity = headerSimilarity(a, b)
                #expect(similarity == headerSimilarity(b, a), "\(a) \(b)")
                #expect((0...1).contains(similarity), "\(a) \(b)")
            }
            #expect(headerSimilarity(a, a) == 1)
        }
    }

    @Test func `Word sets and Monge–Elkan follow their definitions`() {
        #expect(isClose(TokenSimilarity.dice(["a", "b"], ["b", "c"]), 0.5, within: 1e-12))
        #expect(isClose(TokenSimilarity.jaccard(["a", "b", "b"], ["b", "c"]), 1.0 / 3, within: 1e-12))
        #expect(TokenSimilarity.jaccard([], []) == 1)
        let (left, right) = (["peter", "christen"], ["christian", "pedro"])
        // Christen 2006: best partners are pedro and christian.
        let expected = (JaroWinkler.similarity("peter", "pedro") + JaroWinkler.similarity("christen", "christian")) / 2
        #expect(isClose(TokenSimilarity.mongeElkan(left, right), expected, within: 1e-12))
        #expect(TokenSimilarity.mongeElkan(["a"], []) == 0)
        #expect(TokenSimilarity.symmetricMongeElkan(left, right) == TokenSimilarity.symmetricMongeElkan(right, left))
    }
}
