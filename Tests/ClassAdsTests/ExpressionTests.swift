import ClassAds
import Testing

@Suite struct ExpressionTests {
    @Test func literalsBecomeValues() {
        let text: ClassAds.Expression = "Cpus > 2"
        #expect(text.literal == .string("Cpus > 2"))
        #expect((4 as ClassAds.Expression).literal == .integer(4))
        #expect((0.5 as ClassAds.Expression).literal == .real(0.5))
        #expect((true as ClassAds.Expression).literal == .boolean(true))
        #expect(([1, "a"] as ClassAds.Expression).text() == "{ 1,\"a\" }")
    }

    @Test(arguments: [
        ("a && !b", "a &&  !b", "a &&  !b"), ("a is 1.5", "a is 1.500000000000000E+00", "a =?= 1.5"),
        ("\"tab\\t\"", "\"tab\\t\"", "\"tab\t\""), ("x ?: 1 + 2", "x ?: 1 + 2", "x ?: 1 + 2"),
        ("f( 1 , x )", "f(1,x)", "f(1,x)"), ("'odd name'", "'odd name'", "'odd name'"),
    ])
    func printingFollowsTheTree(text: String, new: String, old: String) throws {
        let expression = try Expression(parsing: text)
        #expect([expression.text(.new), expression.text(.old)] == [new, old])
    }

    @Test func errorsTellWhereAndWhat() {
        #expect(throws: ClassAdError.self) { try Expression(parsing: "1 +") }
        do throws(ClassAdError) {
            _ = try Expression(parsing: "5 junk")
        } catch {
            #expect(error.kind == .trailingText)
            #expect(error.description == "expected the end of the expression at byte 6")
        }
    }

    @Test func structuralEqualityMindsParenthesesAndCase() throws {
        #expect(try Expression(parsing: "a + 1") == Expression(parsing: "a  +  1"))
        #expect(try Expression(parsing: "a + 1") != Expression(parsing: "(a + 1)"))
        #expect(try Expression(parsing: "a") != Expression(parsing: "A"))
    }

    @Test func flatteningKeepsWhatIsUnknown() throws {
        let ad: ClassAd = ["x": 5]
        #expect(ad.flatten(try Expression(parsing: "x + 1")) == .value(.integer(6)))
        #expect(ad.flatten(try Expression(parsing: "zz + 1 + 2")) == .residual(try Expression(parsing: "3 + zz")))
    }
}
