// The reference validator over resources, one a line on standard input; one line of issues a resource on standard output:
// a JSON array of [severity, message id, location, text]. Code systems and value sets are those of FHIR R4 itself.
// Run by main.ts: java -cp 'lib/*' Validate.java < resources.ndjson
import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.SingleValidationMessage;
import ca.uhn.fhir.validation.ValidationOptions;
import com.google.gson.Gson;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.SnapshotGeneratingValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;

public class Validate {
  public static void main(String[] arguments) throws Exception {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    FhirContext context = FhirContext.forR4();
    FhirInstanceValidator module = new FhirInstanceValidator(new ValidationSupportChain(
        new DefaultProfileValidationSupport(context),
        new CommonCodeSystemsTerminologyService(context),
        new InMemoryTerminologyServerValidationSupport(context),
        new SnapshotGeneratingValidationSupport(context)));
    module.setAnyExtensionsAllowed(true);
    FhirValidator validator = context.newValidator().registerValidatorModule(module);
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    Gson gson = new Gson();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) out.println(gson.toJson(issuesOf(validator, line)));
  }

  private static List<String[]> issuesOf(FhirValidator validator, String text) {
    List<String[]> issues = new ArrayList<>();
    try {
      for (SingleValidationMessage one : validator.validateWithResult(text, new ValidationOptions()).getMessages())
        issues.add(new String[] {one.getSeverity().getCode(), one.getMessageId(), one.getLocationString(), one.getMessage()});
    } catch (Exception error) {
      issues.add(new String[] {"fatal", error.getClass().getSimpleName(), "", String.valueOf(error.getMessage())});
    }
    return issues;
  }
}
