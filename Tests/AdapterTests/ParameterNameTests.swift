import ProviderKit
import Testing

@Test func `Parameters have the names of the matrix`() {
    #expect(ParameterTable.Name.allCases.map(\.rawValue).contains("context_tokens"))
}
