// A classic script: the only kind that browsers run in a page opened as a file.
if (location.protocol === 'file:')
  addEventListener('DOMContentLoaded', () => {
    const notice = document.getElementById('needs-server');
    if (notice !== null) notice.hidden = false;
  });
